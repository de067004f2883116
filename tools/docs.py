"""Keeps the docs true: copies shown code from the programs that run it, and checks that relative links lead somewhere.

A fenced block that follows the comment `<!-- code: PATH#REGION -->` holds the lines of PATH between the comments
`// [REGION]` and `// [/REGION]`, without their common indentation. PATH without #REGION means the whole file.
Every block of C++ and Python must be such a one. Every function of the public headers must stand in docs/numpy.md.

    tools/docs.py            rewrite the blocks that differ
    tools/docs.py --check    change nothing; report blocks that differ and links that lead nowhere
"""
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- code: (?P<path>[^#\s]+)(?:#(?P<region>\S+))? -->\n```\w*\n)(?P<code>.*?)(\n?```)", re.S)
SHOWN = re.compile(r"^```(?:cpp|c\+\+|python|py)\n(?P<first>.*)", re.M)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
FENCED = re.compile(r"^```.*?^```", re.S | re.M)
FUNCTION = re.compile(r"^TESSERA_API [\w:<>]+ (\w+)\(|TESSERA_REDUCTION\((\w+),", re.M)


def markdown_files():
    return [path for path in sorted(ROOT.rglob("*.md"))
            if not any(part.startswith(("build", ".")) for part in path.relative_to(ROOT).parts[:-1])]


def source_code(path, region):
    text = (ROOT / path).read_text()
    if region:
        name = re.escape(region)
        match = re.search(rf"^[ \t]*// \[{name}\]\n(.*?)^[ \t]*// \[/{name}\]$", text, re.S | re.M)
        if not match:
            raise LookupError(f"{path} has no region {region}")
        text = match.group(1)
    return textwrap.dedent(text).strip("\n")


def code_from_nowhere(text):
    """The first lines of blocks of C++ and Python that come from no program."""
    for block in SHOWN.finditer(BLOCK.sub("", text)):
        yield block["first"]


def functions_not_in_dictionary():
    dictionary = (ROOT / "docs/numpy.md").read_text()
    known = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", dictionary))))
    for header in sorted((ROOT / "include/tessera").glob("*.hpp")):
        public = re.sub(r"^namespace detail \{.*?^\}  // namespace detail$", "", header.read_text(), flags=re.S | re.M)
        for names in FUNCTION.findall(public):
            name = "".join(names)
            if name not in known and name != "name":
                yield f"docs/numpy.md: {name} of {header.name} is missing"


def main():
    check = "--check" in sys.argv[1:]
    problems = []
    for document in markdown_files():
        name = document.relative_to(ROOT)
        text = document.read_text()

        def replace(block):
            try:
                code = source_code(block["path"], block["region"])
            except (OSError, LookupError) as error:
                problems.append(f"{name}: {error}")
                return block[0]
            if check and code != block["code"]:
                problems.append(f"{name}: the code from {block['path']} is out of date; run ./dev docs")
            return block[1] + code + "\n```"

        problems += [f"{name}: no program has this code, name its region: {first}" for first in code_from_nowhere(text)]
        updated = BLOCK.sub(replace, text)
        if not check and updated != text:
            document.write_text(updated)
            print(f"updated {name}")
        for target in LINK.findall(FENCED.sub("", text)):
            if "://" not in target and not target.startswith("mailto:") and not (document.parent / target).exists():
                problems.append(f"{name}: the link to {target} leads nowhere")
    problems += functions_not_in_dictionary()
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
