"""Snippets that must or must not compile against the public headers: must_or_must_not_compile.py [--compiler NAME]...

Every snippet is a function body on one line of one file, so a compiler runs twice: once over what must compile, without
an error and without a warning, and once over what must not, where each line has to have an error of its own. A line
without one (a compiler reports an error inside a template only once) is compiled alone.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

INCLUDE = pathlib.Path(__file__).resolve().parents[2] / "include"
COMPILERS = ["g++", "clang++", "clang++-14"]
# A comma between [ ] is C++20's comma operator, deprecated there; that a[0, 1] compiles is a fact about the language.
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unused", "-Wno-unused-but-set-variable", "-Wno-unused-value",
            "-Wno-deprecated", "-Wno-unknown-warning-option"]
HEADERS = "".join(f"#include <{name}>\n" for name in
                  ("algorithm", "array", "complex", "memory", "optional", "set", "string", "utility", "vector"))

OK = [
    "a = {5}",
    "array v = c; v(0) = 1",
    "auto t = (a.size() > 1) ? expr(a) : a + 1",
    "array t = (a.size() > 1) ? a : array(a + 1)",
    "auto t = (a.size() > 1) ? a[a > 0] : a",
    "array t = (a.size() > 1) ? a : c",
    "double d = double(max(a))",
    "auto d = max(a).item<double>()",
    "int q = std::max(1, 2)",
    "array x = stack({a, b})",
    "auto x = a[0, 1]",
    "auto x = a[a, b]",
    "std::complex<double> z = 2.0; array x = a + z; x = pow(a, z); x = sqrt(a) * std::sqrt(z)",
    "array x = max(a, 0) + std::max(1, 2)",
    "auto l = [=] { return a + 1; }",
    "auto l = [a]() mutable { a(0) = 1; }",
    "int n = 2; long k = 3; unsigned u = 1; auto x = zeros({n, k, u}); x = reshape(a, {n, -1}); x = sum(a, {n, 0})",
    "int i = 0; std::size_t j = 1; a(i, j) = 1; array x = a(slice(i, j), slice(none, j), -1)",
    "a(0)(1) = a(1)(0) = b(0)",
    "switch (int(a(0))) { default: break; }",
    "static_assert(!std::is_convertible_v<array, bool> && !std::is_convertible_v<array, double> && "
    "std::is_convertible_v<array, expr> && std::is_convertible_v<expr, array> && std::is_copy_assignable_v<array> && "
    "std::is_nothrow_move_assignable_v<array> && std::is_nothrow_move_constructible_v<array> && std::swappable<array> && "
    "std::regular<int> && std::movable<array> && std::copyable<array>)",
    "using namespace std; int q = max(1, 2); (void)q; tessera::array x = a",
    "auto v = std::vector<array>(3, a); v = {a, b}; std::vector<array> w = {{1, 2}, {3, 4}}",
    "array w = (a > 0) && (b > 0) ? a : b",
    "std::optional<array> o; o = a; o.emplace(array{1, 2}); (void)(o ? *o : a)",
    "auto r = std::make_shared<array>(a); *r = b; (*r)(0) = 5",
    'array x = einsum("i,i->", a, b + 1); x = einsum("i->", a[a > 0])',
    "array x = einsum({{a, {0, 1}}, {b + 1, {1, 2}}}, {0, 2}); x = einsum({{a, {0, ellipsis}}}); x = einsum({{5, {}}}, {})",
    "std::size_t n = 2; array x = einsum({{a, {0, n}}, {{1, 2}, {n}}}, {0}, {.tf32 = true}); axis_labels l = {0, n}; "
    "x = einsum({{a, l}}, l); std::vector<labelled_operand> all_of = {{a, l}}; x = einsum(all_of, l); x = einsum(all_of)",
    'array x = einsum_list("i,i->", {a, b}, {.optimize = einsum_search::greedy, .path = {{0, 1}}}); '
    'std::string s = to_string(einsum_path("i,i", a, b + 1)); x = einsum_list("i", {a})',
    "array x = matmul(a, b, {.tf32 = true}); x = tensordot(a, b + 1, {{1, 0}, {0, 1}}); x = tensordot(a, b, {1, 0}); "
    "x = tensordot(a, b, 1, {.dtype = float32}); x = dot(2, a); x = linalg::multi_dot({a, b, a + 1}, {.tf32 = true}); "
    "auto t = trace(a + 1, 1) * 2; x = convolve({1, 2, 3}, a, convolve_mode::same)",
    'array x = where(a > 0, "buy", a["name"])',
    "array x = a; x(all) = {1, 2, 3}; x() = 0; x(slice(none, none, 2)) += {1, 2}",
    "a(0) = {}",
    "auto x = sum(a, {0}, {true})",
    "auto e = a + 1; e = e * 2; e = 5; auto g = std::move(e)",
    "std::ranges::for_each(std::vector<array>{a}, [](array& x) { x += 1; })",
    "float t = 3; array x = a * t + 1u - 2L; x = -a; x = ~(a > 0); x = 1 / a; x = 5 % a",
    "array x = !a",
    "using namespace std; auto q = max(1, 2) + max(1.5, 2.5); tessera::array x = max(a, 1)",
    "tessera::array x = a; if (any(x > 0) && !all(x == 1)) x += 1;",
    "array x = {1, 2, 3}; array y = {x}; array z = array{x}; array w = array({x})",
]

FAIL = [
    "array x = einsum({{a, {0.5}}}, {})",
    "array x = einsum({{a, {true}}})",
    "array x = einsum({{a, {'i'}}})",
    "array x = einsum({a, b}, {0, 1})",
    "a = 5",
    "array v = a(0); v = 5",
    "for (array r : m) r = 0",
    'a = "x"',
    "c(0) = 5",
    "c += 1",
    "c[c > 0] = 0",
    'c["f"] = 0',
    "(a + 1) = 5",
    "sqrt(a) = 5",
    "reshape(a + 1, {3}) = 0",
    "auto s = a[a > 0]; s = 5",
    "std::swap(a(0), b(0))",
    "array& r = a(0)",
    "for (auto& r : m) r += 1",
    "auto t = (a.size() > 1) ? a : a + 1",
    "array t = (a.size() > 1) ? a : c + 0",
    "bool t = a == b",
    "int i = a(0)",
    "double d = max(a)",
    "a(1.5)",
    "a(true)",
    "a('c')",
    "a(nullptr)",
    'a("f")',
    "c(b, all) = 1",
    "add_at(a + 1, b, 1)",
    "put(a + 1, b, 1)",
    "put_along_axis(a + 1, b, 1, 0)",
    "apply(a + 1, b)",
    "a({0, 2}, all) = 1",
    "auto s = a(b, all); s = 1",
    "int q = max(1, 2)",
    "auto q = max(1, 2)",
    'auto s = std::string("a") + 1',
    'bool s = std::string("a") == 1',
    'auto s = std::string_view("a") + std::string_view("b")',
    "array x{a, b}",
    "array x = nullptr",
    "array x = 'c'",
    "a + std::vector<int>{1, 2}",
    "a + nullptr",
    "std::set<array> s; s.insert(a)",
    "std::vector<array> v; (void)(std::find(v.begin(), v.end(), a) == v.end())",
    "for (array r : a + 1) {}",
    "print({1, 2})",
    "struct S {}; print(S{})",
    "auto l = [a] { a(0) = 1; }",
    "using namespace std; array x = a",
]

def source_of(snippets):
    lines = [f"void f{i}(array& a, array& b, const array& c, array& m) {{ (void)a; (void)b; (void)c; (void)m; {code}; }}"
             for i, code in enumerate(snippets)]
    return HEADERS + "#include <tessera/tessera.hpp>\nusing namespace tessera;\n" + "\n".join(lines) + "\n"


def compile_all(compiler, snippets, warnings):
    """The compiler's complaint about each snippet, or None: (list, text of everything it said)."""
    source = source_of(snippets)
    first = source.count("\n") - len(snippets) + 1
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "snippets.cpp"
        path.write_text(source)
        limit = "-ferror-limit=0" if "clang" in compiler else "-fmax-errors=0"
        run = subprocess.run([compiler, "-std=c++20", *warnings, limit, f"-I{INCLUDE}", "-fsyntax-only", str(path)],
                             capture_output=True, text=True)
    complaints = [None] * len(snippets)
    pattern = re.compile(r"snippets\.cpp:(\d+):\d+:(?: (?:fatal )?error: (.*)|.*(?:required from|requested here).*)")
    for line in run.stderr.splitlines():
        match = pattern.search(line)
        if match and 0 <= int(match[1]) - first < len(snippets):
            index = int(match[1]) - first
            complaints[index] = complaints[index] or match[2] or "an error inside a template"
    if run.returncode and not any(complaints):
        complaints = [run.stderr.strip() or "the compiler failed"] * len(snippets)
    return complaints


def check(compiler):
    """Prints what is unexpected; returns how many snippets were."""
    unexpected = 0
    for code, complaint in zip(OK, compile_all(compiler, OK, WARNINGS)):
        if complaint:
            unexpected += 1
            print(f"{compiler}: must compile: {code}\n    {complaint}")
    for code, complaint in zip(FAIL, compile_all(compiler, FAIL, ["-w"])):
        if not complaint and not compile_all(compiler, [code], ["-w"])[0]:
            unexpected += 1
            print(f"{compiler}: must not compile: {code}")
    print(f"{compiler}: {len(OK)} snippets that must compile, {len(FAIL)} that must not, {unexpected} unexpected")
    return unexpected


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", action="append", help=f"default: those installed of {', '.join(COMPILERS)}")
    compilers = parser.parse_args().compiler or [c for c in COMPILERS if shutil.which(c)]
    if "clang++" in compilers and "clang++-14" in compilers:
        compilers.remove("clang++-14")
    if not compilers:
        sys.exit("no compiler found")
    return 1 if sum(check(compiler) for compiler in compilers) else 0


if __name__ == "__main__":
    sys.exit(main())
