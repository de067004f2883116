// Files, and elements over the bytes of other objects.
#include "functions.hpp"
#include "memory.hpp"

namespace tessera::python {
namespace {

std::string path_of(nb::handle file) {
  return nb::cast<std::string>(nb::module_::import_("os").attr("fsdecode")(file));
}

void bind_raw_files(nb::module_& m) {
  m.def(
      "fromfile",
      [](nb::handle file, nb::handle type, nb::handle count, nb::handle offset, nb::handle device) {
        fromfile_options options{.count = to_int(count), .offset = to_int(offset), .device = to_device(device)};
        if (!type.is_none()) options.dtype = to_dtype(type);
        const std::string path = path_of(file);
        return wrap(without_gil([&] { return fromfile(path, options); }));
      },
      nb::arg("file"), optional("dtype"), nb::arg("count") = -1, nb::kw_only(), nb::arg("offset") = 0,
      optional("device"),
      "The whole elements of a file without a header, from a byte offset on; float64 unless given.");
  m.def(
      "memmap",
      [](nb::handle file, nb::handle type, const std::string& mode, nb::handle offset, nb::handle extents,
         nb::handle layout) {
        memmap_options options{.mode = word<mmap_mode>(mode, "memmap: mode",
                                                       {{"r", mmap_mode::readonly},
                                                        {"c", mmap_mode::copy_on_write},
                                                        {"r+", mmap_mode::read_write},
                                                        {"w+", mmap_mode::write}}),
                               .offset = to_int(offset),
                               .layout = to_order(layout)};
        if (!type.is_none()) options.dtype = to_dtype(type);
        if (!extents.is_none()) options.shape = to_shape(extents);
        const std::string path = path_of(file);
        return wrap(without_gil([&] { return memmap(path, options); }));
      },
      nb::arg("filename"), optional("dtype"), nb::arg("mode") = "r+", nb::arg("offset") = 0, optional("shape"),
      nb::arg("order") = "C", "An array in the pages of a file; uint8 unless given.");
  m.def(
      "frombuffer",
      [](nb::handle buffer, nb::handle type, nb::handle count, nb::handle offset) {
        return wrap(
            array_over_buffer(buffer, type.is_none() ? float64 : to_dtype(type), to_int(count), to_int(offset)));
      },
      nb::arg("buffer"), optional("dtype"), nb::arg("count") = -1, nb::arg("offset") = 0,
      "A vector over the bytes of an object, as they are; float64 unless given.");
}

}  // namespace

mmap_mode mmap_of(nb::handle mode, const char* name) {
  if (mode.is_none()) return mmap_mode::none;
  return word<mmap_mode>(nb::cast<std::string>(mode), (std::string(name) + ": mmap_mode").c_str(),
                         {{"r", mmap_mode::readonly}, {"c", mmap_mode::copy_on_write}, {"r+", mmap_mode::read_write}});
}

void bind_files(nb::module_& m, nb::module_& core) {
  core.def(
      "load_npy",
      [](nb::handle file, nb::handle mode, nb::handle device) {
        load_options options{.device = to_device(device)};
        options.mmap = mmap_of(mode, "load");
        const std::string path = path_of(file);
        return wrap(without_gil([&] { return load(path, options); }));
      },
      nb::arg("file"), optional("mmap_mode"), nb::kw_only(), optional("device"));
  m.def(
      "save",
      [](nb::handle file, nb::handle x) {
        const std::string path = path_of(file);
        const expr operand = to_expr(x);
        without_gil([&] { save(path, operand); });
      },
      nb::arg("file"), nb::arg("x"), "Writes a .npy file, as numpy.save, to this path: no suffix is added.");
  bind_raw_files(m);
}

void bind_file_methods(nb::class_<array>& c) {
  c.def(
       "tofile",
       [](const array& x, nb::handle file) {
         const std::string path = path_of(file);
         without_gil([&] { tofile(x, path); });
       },
       nb::arg("fid"), "Writes the elements in C order, without a header, to this path.")
      .def(
          "tobytes",
          [](const array& x, nb::handle layout) {
            const order arrangement = to_order(layout);
            const auto bytes = without_gil([&] { return tobytes(x, arrangement); });
            return nb::bytes(bytes.data(), bytes.size());
          },
          nb::arg("order") = "C", "The elements' bytes.");
}

}  // namespace tessera::python
