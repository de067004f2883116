"""Makes a wheel of the Python module that needs no libraries of the system beyond glibc's: tools/wheel.py WHEEL FOLDER

auditwheel copies the libraries into it and names it after the oldest glibc that will do; their licences go beside ours. Left out are
CUDA's runtime, which is opened from where the user has it, and our own library, which lies in the wheel already.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

LEFT_OUT = ["libcudart.so.13", "libtessera.so.0.1"]


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def licence_of(library):
    """The package that a copied library, liblapack-72db5f4e.so.3.11.0, came from, and the file of its licence."""
    name, version = re.fullmatch(r"(.*)-[0-9a-f]{8}(\..*)", library.name).groups()
    owners = run("dpkg", "-S", f"*/{name}{version}").splitlines()
    package = owners[0].split(":")[0]
    return package, pathlib.Path("/usr/share/doc") / package / "copyright"


def main():
    raw, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as work:
        excluded = [word for name in LEFT_OUT for word in ("--exclude", name)]
        run("auditwheel", "repair", *excluded, "--strip", "--wheel-dir", work, raw)
        run("wheel", "unpack", "--dest", work, next(pathlib.Path(work).glob("*.whl")))
        tree = next(path for path in pathlib.Path(work).iterdir() if path.is_dir())
        licences = next(tree.glob("*.dist-info")) / "licenses"
        for library in sorted((tree / "tessera.libs").iterdir()):
            package, text = licence_of(library)
            shutil.copy(text, licences / f"{package}.txt")
            print(f"{library.name}: {package}")
        folder.mkdir(parents=True, exist_ok=True)
        run("wheel", "pack", "--dest-dir", folder, tree)
    print(*sorted(folder.glob("*.whl")), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
