"""Archives of arrays and files of text, with the names and arguments of NumPy's functions."""
from __future__ import annotations

import operator as _operator
import os as _os
from collections.abc import Mapping as _Mapping

from . import _tessera

_core = _tessera._files

__all__ = [
    "NpzFile", "SafetensorsFile", "genfromtxt", "load", "load_safetensors", "loadtxt", "save_safetensors", "savetxt",
    "savez", "savez_compressed",
]

_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")  # how a .npz file begins, an empty one


class _ArrayFile(_Mapping):
    """Arrays of a file by name: each is read when it is asked for, every time anew."""

    def __init__(self, path: str, file) -> None:
        self._path, self._file = path, file

    def _opened(self):
        if self._file is None:
            raise ValueError(f"load: {self._path} was closed")
        return self._file

    def __getitem__(self, name: str):
        if name not in self:
            raise KeyError(f"{name} is not a file in the archive")
        return self._opened().load(name)

    def __contains__(self, name) -> bool:
        return isinstance(name, str) and name in self._opened()

    def __iter__(self):
        return iter(self._opened().names())

    def __len__(self) -> int:
        return len(self._opened())

    def __repr__(self) -> str:
        if self._file is None:
            return f"{type(self).__name__} {self._path!r}, closed"
        names = list(self)
        more = "..." if len(names) > 5 else ""
        return f"{type(self).__name__} {self._path!r} with keys: {', '.join(names[:5])}{more}"

    def close(self) -> None:
        """Arrays that were read stay."""
        self._file = None

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.close()


class NpzFile(_ArrayFile):
    """An archive of arrays by name (as numpy.lib.npyio.NpzFile), with or without ".npy" behind it."""

    @property
    def files(self) -> list[str]:
        return list(self)

    def __getitem__(self, name: str):
        plain = isinstance(name, str) and not super().__contains__(name)
        return super().__getitem__(name.removesuffix(".npy") if plain else name)

    def __contains__(self, name) -> bool:
        if super().__contains__(name):
            return True
        return isinstance(name, str) and super().__contains__(name.removesuffix(".npy"))


class SafetensorsFile(_ArrayFile):
    """Arrays by name, and the texts that go with them."""

    @property
    def metadata(self) -> dict[str, str]:
        return self._opened().metadata()


def load_safetensors(file, mmap_mode=None, *, device=None) -> SafetensorsFile:
    """The arrays of a .safetensors file, as a mapping; with mmap_mode 'r', 'c' or 'r+' they lie in the file's pages."""
    path = _os.fsdecode(file)
    return SafetensorsFile(path, _core.load_safetensors(path, mmap_mode, device))


def save_safetensors(file, arrays, metadata=None) -> None:
    """Writes a dict of arrays, and one of texts, as a .safetensors file."""
    _core.save_safetensors(_os.fsdecode(file), dict(arrays), dict(metadata or {}))


def _is_archive(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(4) in _ARCHIVE
    except OSError:
        return False  # whose error load() says


def load(file, mmap_mode=None, *, device=None):
    """The array of a .npy file, read or with mmap_mode 'r' (read-only), 'c' (copy on write) or 'r+' (written to the
    file) mapped; of a .npz file an NpzFile."""
    path = _os.fsdecode(file)
    if _is_archive(path):
        return NpzFile(path, _core.load_npz(path, device))
    return _core.load_npy(path, mmap_mode, device=device)


def _save_archive(name: str, file, args, kwds, compressed: bool) -> None:
    arrays = dict(kwds)
    for i, value in enumerate(args):
        if f"arr_{i}" in arrays:
            raise ValueError(f"{name}: arr_{i} is the name of an array without one, too")
        arrays[f"arr_{i}"] = value
    _core.save_npz(_os.fsdecode(file), arrays, compressed)


def savez(file, *args, **kwds) -> None:
    """Writes an .npz file of arrays, by name or as arr_0, arr_1 …, to this path: no suffix is added."""
    _save_archive("savez", file, args, kwds, False)


def savez_compressed(file, *args, **kwds) -> None:
    """Writes an .npz file as savez does, deflated."""
    _save_archive("savez_compressed", file, args, kwds, True)


def _opened(path: str, mode: str, encoding):
    """A file of text, also one that is packed by its suffix."""
    if path.endswith((".gz", ".bz2", ".xz", ".lzma")):
        import bz2
        import gzip
        import lzma
        module = gzip if path.endswith(".gz") else bz2 if path.endswith(".bz2") else lzma
        return module.open(path, mode, encoding=encoding or "utf-8")
    return open(path, mode, encoding=encoding or "utf-8", newline="")


def _is_utf8(encoding) -> bool:
    return encoding is None or encoding.lower().replace("_", "-") in ("utf-8", "utf8", "ascii", "bytes")


def _source_of(file, encoding) -> tuple[str, bool]:
    """A path, or a text and True: of a file that is not of UTF-8, of an open file, of lines."""
    if isinstance(file, (str, bytes, _os.PathLike)):
        path = _os.fsdecode(file)
        if _is_utf8(encoding) and not path.endswith((".gz", ".bz2", ".xz", ".lzma")):
            return path, False
        with _opened(path, "rt", encoding) as opened:
            return opened.read(), True
    lines = [file.read()] if hasattr(file, "read") else list(file)
    texts = [line.decode(encoding or "latin-1") if isinstance(line, bytes) else line for line in lines]
    return "".join([text if text.endswith("\n") else text + "\n" for text in texts]), True


def _texts(value) -> list[str]:
    """None, a text or a sequence of them; bytes are Latin-1."""
    if value is None:
        return []
    values = [value] if isinstance(value, (str, bytes)) else list(value)
    return [one.decode("latin-1") if isinstance(one, bytes) else one for one in values]


def _columns(usecols) -> list[int]:
    if usecols is None:
        return []
    try:
        return [_operator.index(usecols)]
    except TypeError:
        return [_operator.index(column) for column in usecols]


def _unpacked(table, unpack: bool):
    """Of records one array a field, as NumPy gives them."""
    return [table[name] for name in table.dtype.names] if unpack and table.dtype.names else table


def loadtxt(fname, dtype=None, comments="#", delimiter=None, skiprows=0, usecols=None, unpack=False, ndmin=0,
            encoding=None, max_rows=None, *, quotechar=None, device=None, progress=None):
    """The rows of a text: of a file by its path (packed ones by their suffix), an open file or a sequence of lines;
    float64 unless given. progress(done, of) is told of blocks of a file."""
    source, is_text = _source_of(fname, encoding)
    delimiter, quotechar = "".join(_texts(delimiter)), "".join(_texts(quotechar))
    records = dtype is not None and _tessera.dtype(dtype).names is not None
    table = _core.loadtxt(source, is_text, dtype, [one for one in _texts(comments) if one], delimiter, skiprows,
                          _columns(usecols), unpack and not records, ndmin, max_rows, quotechar, device, progress)
    return _unpacked(table, unpack)


def _per_column(values):
    """(value for all columns, [(column, value)]) of one value, a sequence of one a column, or a dict."""
    if isinstance(values, dict):
        return values.get(None), [(key, value) for key, value in values.items() if key is not None]
    if isinstance(values, (list, tuple)):
        return None, list(enumerate(values))
    return values, []


def genfromtxt(fname, dtype=float, comments="#", delimiter=None, skip_header=0, skip_footer=0, missing_values=None,
               filling_values=None, usecols=None, names=None, excludelist=None, deletechars=None, replace_space="_",
               autostrip=False, case_sensitive=True, defaultfmt="f%i", unpack=None, loose=True, invalid_raise=True,
               max_rows=None, encoding=None, *, ndmin=0, device=None):
    """The rows of a text, of a source as of loadtxt, in which values may be missing; with dtype=None of the dtypes that
    the columns say."""
    source, is_text = _source_of(fname, encoding)
    splits = {}
    if isinstance(delimiter, int):
        splits["width"] = delimiter
    elif isinstance(delimiter, (str, bytes)):
        splits["delimiter"] = "".join(_texts(delimiter))
    elif delimiter is not None:
        splits["widths"] = list(delimiter)
    missing, missing_of = _per_column(missing_values)
    missing = missing.split(",") if isinstance(missing, str) else [] if missing is None else [str(missing)]
    filling, filling_of = _per_column(filling_values)
    if isinstance(usecols, str):
        usecols = [name.strip() for name in usecols.split(",")]
    elif usecols is not None and not isinstance(usecols, (list, tuple)):
        usecols = _columns(usecols)
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",")]
    elif names is not None and names is not True:
        names = list(names)
    table = _core.genfromtxt(source, is_text, splits | dict(
        dtype=dtype, comments=comments, skip_header=skip_header, skip_footer=skip_footer, missing_values=missing,
        missing_of=[(key, _texts(str(one) if isinstance(one, (int, float)) else one)) for key, one in missing_of],
        filling_values=filling, filling_of=[pair for pair in filling_of if pair[1] is not None],
        usecols=[] if usecols is None else list(usecols), names=names, excludelist=excludelist,
        deletechars=None if deletechars is None else "".join(deletechars), replace_space=replace_space,
        autostrip=autostrip,
        letters=None if case_sensitive is True else "upper" if case_sensitive is False else case_sensitive,
        defaultfmt=defaultfmt, unpack=False, loose=loose, invalid_raise=invalid_raise, max_rows=max_rows, ndmin=ndmin,
        device=device))
    if unpack and table.dtype.names:
        return _unpacked(table, True)
    return table.T if unpack else table


def savetxt(fname, X, fmt="%.18e", delimiter=" ", newline="\n", header="", footer="", comments="# ",
            encoding=None) -> None:
    """Writes a table as text: to a path, packed by its suffix, or to an open file; in UTF-8 unless another encoding is
    given."""
    arguments = (fmt if isinstance(fmt, str) else list(fmt), delimiter, newline, header, footer, comments)
    is_path = isinstance(fname, (str, bytes, _os.PathLike))
    path = _os.fsdecode(fname) if is_path else ""
    if is_path and _is_utf8(encoding) and not path.endswith((".gz", ".bz2", ".xz", ".lzma")):
        _core.savetxt(path, X, *arguments)
        return
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        plain = _os.path.join(folder, "table")
        _core.savetxt(plain, X, *arguments)
        with open(plain, encoding="utf-8", newline="") as written:
            text = written.read()
    if is_path:
        with _opened(path, "wt", encoding) as opened:
            opened.write(text)
        return
    try:
        fname.write(text)
    except TypeError:  # a file of bytes
        fname.write(text.encode(encoding or "latin-1"))
