"""Makes the documentation site: the pages of docs/ and one page a public header, of what Doxygen reads there.

tools/site.py                 into build/docs/site; needs Doxygen, and MkDocs with the packages of docs/requirements.txt
tools/site.py --filter FILE   a header as Doxygen is to read it: see doxygen_text()
"""

import html
import os
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "docs"
PAGES = OUT / "pages"
NEWLINE = "\u2424"  # stands for the end of a comment's line, so that declarations keep their line numbers

# ---- What Doxygen reads ----------------------------------------------------------------------------------------------


def doxygen_text(text):
    """Comments as Doxygen keeps them word for word; one that several declarations share is given to each of them; a remark
    behind a declaration belongs to it."""
    result, comment, shared, depth = [], [], "", 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped.startswith("/// ") or stripped == "///":
            comment.append(stripped[4:])
            result.append("")
            continue
        indent = len(line) - len(stripped)
        if comment:
            shared, comment, depth = NEWLINE.join(comment), [], indent
        elif re.match("(struct|class|enum) ", stripped):
            shared = ""  # that of what stands before
        if not stripped or stripped.startswith("//") or stripped == "}" or stripped.startswith(("};", "}  //")):
            shared = ""
        before = (
            f"/** @verbatim {shared} @endverbatim */ "
            if shared and indent == depth and starts_declaration(stripped)
            else ""
        )
        behind = re.match(r"(.*[;},)])\s*// (.*)$", line)
        if behind and not stripped.startswith("//") and '"' not in behind[2] and not behind[2].startswith("namespace "):
            line = f"{behind[1]} /**< @verbatim {behind[2]} @endverbatim */"
        result.append(line[:indent] + before + line[indent:] if before else line)
    return "\n".join(result)


def starts_declaration(line):
    """Whether a line begins one: lines inside of bodies and of lists of parameters do not."""
    return bool(
        re.match(
            r"(TESSERA_\w+|template|struct|class|enum|inline|constexpr|explicit|using|const\b|static|friend|void|bool|"
            r"int|"
            r"concept|[a-z_:]+(<.*?>)? *[&*]* *\w+ ?[({;=]|[a-z_]\w*\()",
            line,
        )
    ) and not line.startswith("return")


# ---- What it found ---------------------------------------------------------------------------------------------------


def text_of(node):
    return "" if node is None else re.sub(r"\s+", " ", "".join(node.itertext())).strip()


def comment_of(member):
    """The comment's lines."""
    found = [
        verbatim.text or ""
        for name in ("briefdescription", "detaileddescription")
        for part in member.findall(name)
        for verbatim in part.iter("verbatim")
    ]
    return "\n".join(one.strip().replace(NEWLINE, "\n") for one in found)


def line_of(node):
    return int(node.find("location").get("line"))


class Declaration:
    """A function, type, constant or alias of a header."""

    def __init__(self, node, xml):
        self.kind = node.get("kind")
        self.name = (node.findtext("name") or node.findtext("compoundname")).split("::")[-1]
        self.line = line_of(node)
        self.comment = comment_of(node)
        self.members = []
        if self.kind in ("class", "struct"):
            self.name = node.findtext("compoundname").removeprefix("tessera::")
            bases = ", ".join(
                text_of(base) for base in node.findall("basecompoundref") if "detail" not in text_of(base)
            )
            self.signature = template_of(node) + f"{self.kind} {self.name}" + (f" : {bases}" if bases else "")
            self.members = sorted(
                (
                    Declaration(member, xml)
                    for section in node.findall("sectiondef")
                    if section.get("kind").startswith("public")
                    for member in section.findall("memberdef")
                    if text_of(member.find("type")) != "detail::by_name"
                ),
                key=lambda member: member.line,
            )
        elif self.kind == "concept":
            self.name = node.findtext("compoundname").removeprefix("tessera::")
            self.signature = text_of(node.find("initializer")).replace("tessera::" + self.name, self.name)
        elif self.kind == "enum":
            self.signature = f"enum class {self.name}"
            for value in node.findall("enumvalue"):
                remark = comment_of(value)
                self.members.append((value.findtext("name") + text_of(value.find("initializer")), remark))
        else:
            initial = text_of(node.find("initializer"))
            if self.kind == "friend" or len(initial) > 60:
                initial = ""
            kind = text_of(node.find("type")).replace("< ", "<").replace(" >", ">")
            kind = ("using " + self.name + " = " + kind) if self.kind == "typedef" else kind
            arguments = (node.findtext("argsstring") or "").replace("< ", "<").replace(" >", ">")
            body = "" if self.kind == "typedef" else f" {self.name}{arguments}"
            static = (
                "static " if node.get("static") == "yes" and self.kind == "function" and "inline" not in kind else ""
            )
            self.signature = (template_of(node) + static + kind + body + (" " + initial if initial else "")).strip()
            self.signature = laid_out(self.signature)


def laid_out(code):
    """Doxygen's words in the project's layout."""
    code = (
        code.replace("TESSERA_API ", "")
        .replace(" , ", ", ")
        .replace("detail::flag ", "bool ")
        .removeprefix("template <int = 0> ")
    )
    code = re.sub(r" ([&*]+|\.\.\.)(?=\w)", r"\1 ", code)
    code = re.sub(r" ([&*]+)(?=[,)])", r"\1", code)
    return re.sub(r"(?<=\w)=(?=[\w{(\"-])", " = ", code)


def template_of(node):
    found = node.find("templateparamlist")
    if found is None or not len(found):
        return ""
    parameters = []
    for parameter in found.findall("param"):
        words = text_of(parameter.find("type")) + " " + (parameter.findtext("declname") or "")
        default = text_of(parameter.find("defval"))
        parameters.append(words.strip() + (f" = {default}" if default else ""))
    return f"template <{', '.join(parameters)}> "


def headers():
    """Header -> its declarations, in the order of the lines."""
    found = {}
    for file in sorted((OUT / "xml").glob("*.xml")):
        if file.name in ("index.xml",):
            continue
        for compound in ElementTree.parse(file).getroot().findall("compounddef"):
            kind, name = compound.get("kind"), compound.findtext("compoundname")
            if (
                kind in ("class", "struct", "concept")
                and name.startswith("tessera::")
                and compound.get("prot", "public") == "public"
            ):
                add(found, compound, Declaration(compound, file))
            elif kind == "namespace" and name.startswith("tessera") and "detail" not in name:
                for member in compound.iter("memberdef"):
                    add(found, member, Declaration(member, file))
    for declarations in found.values():
        declarations.sort(key=lambda one: one.line)
        told = {(one.line, one.name): one.comment for one in declarations if one.comment}
        for one in declarations:  # a macro's declarations lie on one line
            one.comment = told.get((one.line, one.name), "")
    return found


def add(found, node, declaration):
    if (
        declaration.signature.endswith("=delete")
        or "detail" in declaration.name
        or declaration.name.startswith(("~", "@"))
    ):
        return
    found.setdefault(pathlib.Path(node.find("location").get("file")).name, []).append(declaration)


# ---- Pages of headers ------------------------------------------------------------------------------------------------


def anchor(name):
    return re.sub(r"\W+", "-", name).strip("-").lower()


def linked(code, index, here):
    """C++ as HTML, with links at the types that have a place."""

    def link(match):
        name = match[0]
        target = index.get(name)
        return (
            name
            if target is None or name == here or not target[2]
            else f'<a href="{target[0]}.html#{target[1]}">{name}</a>'
        )

    return re.sub(r"\b[a-z]\w{2,}\b", link, html.escape(code, quote=False))


def remark(text):
    return f'<span class="remark">{html.escape(text, quote=False)}</span>'


def listing(declaration, index):
    """A type with its members, as its header has them."""
    lines = [linked(declaration.signature, index, declaration.name) + " {"]
    told = ""
    for member in declaration.members:
        if isinstance(member, tuple):  # of an enum
            lines.append(f"  {html.escape(member[0])}," + ("  " + remark(f"// {member[1]}") if member[1] else ""))
            continue
        words = [line for line in member.comment.split("\n") if line]
        code = "  " + linked(member.signature, index, declaration.name) + ";"
        if not words or (member.comment == told and len(words) > 1):
            lines.append(code)
        elif len(words) == 1 and len(words[0]) + len(member.signature) < 100:
            lines.append(code + "  " + remark("// " + words[0]))
        else:
            lines += ["  " + remark("// " + line) for line in words] + [code]
        told = member.comment
    return "\n".join(lines + ["};"])


def prose(comment):
    """A comment as Markdown: its sentences flow, lines of shapes keep their columns."""
    paragraphs, columns = [], False
    for line in comment.split("\n"):
        table = line.startswith("  ") or bool(re.search(r"\S {3,}\S", line.split("(as ")[0]))
        text = html.escape(line.rstrip() if table else re.sub(r" {2,}", " ", line.strip()), quote=False)
        if paragraphs and table == columns:
            paragraphs[-1][1].append(text)
        else:
            paragraphs.append((table, [text]))
        columns = table
    paragraphs = [
        (table, [re.sub(r"`([^`]*)`", r"<code>\1</code>", line) for line in lines]) for table, lines in paragraphs
    ]
    return "".join(
        f"<pre>{chr(10).join(lines)}</pre>\n" if table else f"<p>{' '.join(lines)}</p>\n" for table, lines in paragraphs
    )


def header_page(header, declarations, index):
    source = (ROOT / "include/tessera" / header).read_text().split("\n")
    lead = []
    for line in source:
        if not line.startswith("// "):
            break
        lead.append(line[3:])
    sections = [
        (number, re.sub(r"^// -+ ", "", line)) for number, line in enumerate(source, 1) if line.startswith("// ---- ")
    ]
    page = [f"# {header}", "", " ".join(lead), "", f"```cpp\n#include <tessera/{header}>\n```", ""]
    groups, used = [], set()
    for one in declarations:
        new_section = [name for number, name in sections if (groups[-1][-1].line if groups else 0) < number < one.line]
        same = (
            groups
            and groups[-1][-1].kind == one.kind == "function"
            and not new_section
            and (
                one.name == groups[-1][-1].name
                or (one.comment == groups[-1][-1].comment != "")
                or (not one.comment and not groups[-1][-1].comment and one.line - groups[-1][-1].line <= 2)
            )
        )
        if same:
            groups[-1].append(one)
        else:
            groups.append([one])
        if new_section:
            groups[-1][0].section = new_section[-1]
    for group in groups:
        section = getattr(group[0], "section", None)
        if section:
            page += ["", f"## {section[0].upper()}{section[1:]}", ""]
        names = list(dict.fromkeys(one.name for one in group))
        shown = ", ".join(names) if len(names) <= 6 else ", ".join(names[:6]) + " …"
        fresh = [anchor(name) for name in names if anchor(name) not in used]
        used.update(fresh)
        page += ["", f"### {shown} {{ #{fresh[0] if fresh else f'{anchor(names[0])}-{group[0].line}'} }}", ""]
        page += [f'<a id="{place}"></a>' for place in fresh[1:]]
        code = []
        for one in group:
            if one.members:
                code.append(listing(one, index))
                continue
            words = (
                one.comment if len(group) > 1 and "\n" not in one.comment and one.comment != group[0].comment else ""
            )
            code.append(linked(one.signature, index, one.name) + ";" + ("  " + remark("// " + words) if words else ""))
        page += ['<pre class="api"><code>' + "\n".join(dict.fromkeys(code)) + "</code></pre>", ""]
        if group[0].comment:
            page += [f'<div class="told">{prose(group[0].comment)}</div>', ""]
    return "\n".join(page) + "\n"


def places(found):
    """Name -> page and anchor of each public function and type; a header named earlier in tessera.hpp comes first."""
    index = {}
    for header in reading_order(found):
        for one in found[header]:
            index.setdefault(
                one.name, (header.removesuffix(".hpp"), one.kind in ("class", "struct", "enum", "typedef", "concept"))
            )
    groups = {}
    for header in found:
        for one in found[header]:
            groups.setdefault((header.removesuffix(".hpp"), one.name), anchor(one.name))
    return {name: (page, groups[page, name], a_type) for name, (page, a_type) in index.items() if anchor(name)}


def reading_order(found):
    listed = re.findall(r'#include "(\w+\.hpp)"', (ROOT / "include/tessera/tessera.hpp").read_text())
    return [header for header in listed if header in found] + sorted(set(found) - set(listed))


# ---- Pages of docs/ --------------------------------------------------------------------------------------------------

FENCE = re.compile(r"(^```.*?^```$)", re.S | re.M)
LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]*)(#[^)\s]*)?\)")
WORD = re.compile(r"(?<![\[`\w])`(\w+)(\((?:[^`]{0,80})\))?`(?!\])")
GUIDE = [
    "numpy.md",
    "memory.md",
    "einsum.md",
    "products.md",
    "linalg.md",
    "distances.md",
    "selection.md",
    "random.md",
    "records.md",
    "strings.md",
    "datetime.md",
    "files.md",
    "errors.md",
    "dlpack.md",
    "interop.md",
    "python.md",
    "gpu.md",
    "thread-safety.md",
]
INSIDE = ["how-it-works.md", "accuracy.md", "benchmarks.md", "dependencies.md", "packaging.md", "known-gaps.md"]
NOT_READ = ["fmt.hpp", "api.hpp"]  # specialisations in another library's namespace; a macro
PYTHON = ["python.md", "interop.md"]  # speak of Python's names


def title_of(path):
    found = re.search(r"^# (.*)$", path.read_text(), re.M)
    return found[1].replace("`", "") if found else path.stem


def site_page(path):
    """Where a file of the repository has its page, or None."""
    if path == ROOT / "README.md":
        return "index.md"
    if path == ROOT / "CONTRIBUTING.md":
        return "contributing.md"
    if path.parent == ROOT / "docs" and path.suffix == ".md":
        return path.name
    if path.parent == ROOT / "include/tessera" and path.name not in NOT_READ:
        return f"api/{path.stem}.md"
    if path.is_file() and path.stat().st_size < 200_000:
        return f"source/{path.relative_to(ROOT).as_posix().replace('.', '_')}.md"
    return None


def write_source(path):
    language = {".cpp": "cpp", ".hpp": "cpp", ".py": "python", ".cmake": "cmake", ".json": "json"}.get(
        path.suffix, "text"
    )
    target = PAGES / site_page(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"# {path.relative_to(ROOT)}\n\n``````{language}\n{path.read_text()}\n``````\n")


def write_page(path, index):
    page = site_page(path)

    def link(match):
        text, target, part = match[1], match[2], match[3] or ""
        if "://" in target or not target:
            return match[0]
        file = (path.parent / target).resolve()
        there = site_page(file)
        if there is None:
            return text
        if there.startswith("source/"):
            write_source(file)
        return f"[{text}]({there}{part})"

    def word(match):
        place = None if path.name in PYTHON else index.get(match[1])
        return match[0] if place is None else f"[`{match[1]}{match[2] or ''}`](api/{place[0]}.md#{place[1]})"

    parts = FENCE.split(path.read_text())
    parts[::2] = [WORD.sub(word, LINK.sub(link, part)) for part in parts[::2]]
    (PAGES / page).write_text("".join(parts))


def write_pages(found, index):
    shutil.rmtree(PAGES, ignore_errors=True)
    (PAGES / "api").mkdir(parents=True)
    shutil.copy(ROOT / "docs/site.css", PAGES / "site.css")
    order = reading_order(found)
    for header in order:
        (PAGES / f"api/{header.removesuffix('.hpp')}.md").write_text(header_page(header, found[header], index))
    leads = [
        (header, (ROOT / "include/tessera" / header).read_text().split("\n")[0].removeprefix("// ")) for header in order
    ]
    rows = "\n".join(f"| [{header}]({header.removesuffix('.hpp')}.md) | {lead} |" for header, lead in leads)
    (PAGES / "api/index.md").write_text(
        f"# The headers\n\n`#include <tessera/tessera.hpp>` has them all.\n\n| header | what is in it |\n"
        f"|--|--|\n{rows}\n\n{names_page(index)}"
    )
    documents = sorted((ROOT / "docs").glob("*.md"))
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *documents]:
        write_page(path, index)
    return order, documents


def names_page(index):
    letters = {}
    for name in sorted(index):
        letters.setdefault(name[0].upper(), []).append(f"[`{name}`]({index[name][0]}.md#{index[name][1]})")
    return (
        "## All names\n\n" + "\n\n".join(f"**{letter}** {' '.join(names)}" for letter, names in letters.items()) + "\n"
    )


def navigation(order, documents):
    names = [path.name for path in documents]
    further = [name for name in names if name not in GUIDE + INSIDE]

    def entries(files, folder=""):
        return [{title_of(ROOT / "docs" / name): folder + name} for name in files if name in names]

    return [
        {"Tessera": "index.md"},
        {"Guide": entries(GUIDE)},
        {"Functions and types": ["api/index.md"] + [f"api/{header.removesuffix('.hpp')}.md" for header in order]},
        {"Behind it": entries(INSIDE) + entries(further) + [{"Contributing": "contributing.md"}]},
    ]


def main():
    if sys.argv[1:2] == ["--filter"]:
        sys.stdout.write(doxygen_text(pathlib.Path(sys.argv[2]).read_text()))
        return 0
    import yaml  # MkDocs brings it

    shutil.rmtree(OUT / "xml", ignore_errors=True)
    OUT.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["doxygen", "docs/Doxyfile"],
        cwd=ROOT,
        env={**os.environ, "TESSERA_SITE": str(OUT)},
        text=True,
        stderr=subprocess.PIPE,
    )
    sys.stderr.write(done.stderr)
    if done.returncode or "warning:" in done.stderr:
        return done.returncode or 1
    found = headers()
    index = places(found)
    order, documents = write_pages(found, index)
    settings = yaml.safe_load((ROOT / "docs/mkdocs.yml").read_text())
    settings.update({"docs_dir": str(PAGES), "site_dir": str(OUT / "site"), "nav": navigation(order, documents)})
    (OUT / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True))
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--config-file", str(OUT / "mkdocs.yml")],
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # of the theme's next generation
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
