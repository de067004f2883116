"""The Debian packages: made by `./dev package --quick`, looked into, unpacked, and a user's program built against them.

tests/packaging/debian_test.py WORK_FOLDER CXX
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = SOURCE / "build-package" / "packages"
SKIPPED = 77
LIBRARY = r"usr/lib/[\w-]+"
# Package -> section, dependencies that must be there, and what its files are, all of them.
EXPECTED = {
    "libtessera0.1": (
        "libs",
        ["libc6", "libfmt9", "libhwy1", "(liblapack|libopenblas)", "libsleef3", r"libstdc\+\+6", "libtbb12", "zlib1g"],
        [LIBRARY + r"/libtessera\.so\.0\.1(\.\d+)?"],
    ),
    "libtessera-dev": (
        "libdevel",
        ["libtessera0.1"],
        [
            LIBRARY + r"/libtessera\.so",
            LIBRARY + r"/cmake/tessera/tessera-[\w-]+\.cmake",
            LIBRARY + r"/pkgconfig/tessera\.pc",
            r"usr/include/tessera/\w+\.hpp",
        ],
    ),
    "libtessera-cuda0.1": ("libs", ["libtessera0.1", "libc6", "libfmt9"], [LIBRARY + r"/libtessera_cuda\.so"]),
    "tessera": ("science", ["libtessera0.1", "libc6"], ["usr/bin/tessera", r"usr/share/man/man1/tessera\.1\.gz"]),
}


def run(*command, **options):
    done = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def field(package, name):
    return run("dpkg-deb", "--field", package, name).strip()


def check_package(package):
    name = field(package, "Package")
    section, needed, files = EXPECTED[name]
    assert field(package, "Section") == section, name
    depends = field(package, "Depends")
    missing = [one for one in needed if not re.search(rf"(^|, | ){one}", depends)]
    assert not missing, f"{name} depends on {depends}, not on {missing}"
    if name != "libtessera0.1":
        assert f"libtessera0.1 (= {field(package, 'Version')})" in field(package, "Depends"), name
    listed = [line.split()[5].removeprefix("./") for line in run("dpkg-deb", "--contents", package).splitlines()]
    allowed = files + [rf"usr/share/doc/{re.escape(name)}/(copyright|changelog\.gz)", "usr/share/lintian/overrides/.*"]
    inside = [path for path in listed if not path.endswith("/")]
    strangers = [path for path in inside if not any(re.fullmatch(pattern, path) for pattern in allowed)]
    assert not strangers, f"{name} holds {strangers}"
    empty = [pattern for pattern in allowed[:-1] if not any(re.fullmatch(pattern, path) for path in inside)]
    assert not empty, f"{name} lacks {empty}"
    print(f"{name}: {len(inside)} files")
    return name


def check_headers(root):
    def headers(folder):
        return {path.name for path in folder.iterdir()}

    assert headers(root / "usr/include/tessera") == headers(SOURCE / "include/tessera")


def build_and_run_consumer(root, work, compiler):
    environment = {**os.environ, "LD_LIBRARY_PATH": "", "PKG_CONFIG_PATH": ""}
    run(
        "cmake",
        "-S",
        SOURCE / "tests/consumer",
        "-B",
        work / "consumer",
        f"-DCMAKE_PREFIX_PATH={root}/usr",
        f"-DCMAKE_CXX_COMPILER={compiler}",
        env=environment,
    )
    run("cmake", "--build", work / "consumer", env=environment)
    used = run("ldd", work / "consumer/consumer", env=environment)
    assert re.search(rf"libtessera\.so\.0\.1 => {re.escape(str(root))}/", used), used
    print(run(work / "consumer/consumer", env=environment))


def main():
    work, compiler = pathlib.Path(sys.argv[1]), sys.argv[2]
    if not shutil.which("dpkg-deb") or not shutil.which("dpkg-shlibdeps"):
        print("skipped: dpkg-deb and dpkg-shlibdeps make and read the packages")
        return SKIPPED
    shutil.rmtree(work, ignore_errors=True)
    root = work / "root"
    root.mkdir(parents=True)
    run("./dev", "package", "--quick", "--no-setup", cwd=SOURCE)
    packages = sorted(PACKAGES.glob("*.deb"))
    names = [check_package(package) for package in packages]
    assert {"libtessera0.1", "libtessera-dev"} <= set(names), names
    for package in packages:
        run("dpkg-deb", "--extract", package, root)
    assert "libtessera 0.1 libtessera0.1 (>= 0.1" in run(
        "dpkg-deb", "--info", packages[names.index("libtessera0.1")], "shlibs"
    )
    check_headers(root)
    build_and_run_consumer(root, work, compiler)
    if "tessera" in names:
        library = next((root / "usr/lib").glob("*/libtessera.so.0.1")).parent
        assert "0.1" in run(root / "usr/bin/tessera", "--version", env={**os.environ, "LD_LIBRARY_PATH": str(library)})
    if shutil.which("lintian"):
        remarks = run("lintian", "--allow-root", *packages)
        assert not remarks, remarks
    return 0


if __name__ == "__main__":
    sys.exit(main())
