// Memory goes from libtorch to tessera and back without a copy: each sees what the other writes, whoever lets go first.
#include <ATen/ATen.h>
#include <ATen/DLConvertor.h>
#include <tessera/tessera.hpp>

namespace ts = tessera;

// [both-ways]
// The tensor's elements as an array, which keeps them alive.
ts::array as_array(const at::Tensor& tensor) {
  DLManagedTensorVersioned* handed = at::toDLPackVersioned(tensor);
  try {
    return ts::from_dlpack(handed);
  } catch (...) {
    handed->deleter(handed);  // a failed import leaves the struct with the caller
    throw;
  }
}

// The array's elements as a tensor, which keeps them alive.
at::Tensor as_tensor(const ts::array& a) {
  DLManagedTensorVersioned* handed = ts::to_dlpack(a);
  try {
    return at::fromDLPackVersioned(handed);
  } catch (...) {
    handed->deleter(handed);
    throw;
  }
}
// [/both-ways]

const char* yes_or_no(bool yes) { return yes ? "yes" : "no"; }

void from_tensor() {
  at::Tensor tensor = at::arange(6, at::kFloat).reshape({2, 3});
  ts::array a = as_array(tensor);
  ts::print("a tensor as an array:", a.dtype().name(), a.shape());
  ts::print("  same memory:", yes_or_no(a.data() == tensor.data_ptr()));
  a(0, 0) = 99;
  ts::print("  the array sets [0, 0] = 99, the tensor has", tensor[0][0].item<float>());
  tensor.add_(1);
  ts::print("  the tensor adds 1, the array has", a(0, ts::all));
  ts::print("  its transpose as an array has strides", as_array(tensor.t()).strides());

  at::Tensor back = as_tensor(a);
  ts::print("  and back: the same memory as at first:", yes_or_no(back.data_ptr() == tensor.data_ptr()));
  tensor = back = at::Tensor();
  ts::print("  both tensors gone, the array still has", a(1, ts::all));
}

void from_array() {
  ts::array a = ts::reshape(ts::arange(6.0), {2, 3});
  at::Tensor tensor = as_tensor(a(ts::all, ts::slice(0, 3, 2)));
  ts::print("a view of an array as a tensor:", tensor.size(0), "x", tensor.size(1));
  ts::print("  same memory:", yes_or_no(tensor.data_ptr() == a.data()));
  tensor.mul_(10);
  ts::print("  the tensor multiplies by 10, the array has");
  ts::print(a);
  a = as_array(tensor);
  ts::print("  and back: the same memory as at first:", yes_or_no(a.data() == tensor.data_ptr()));
  a = ts::array();
  ts::print("  the arrays gone, the tensor still sums to", tensor.sum().item<double>());
}

void reversed() {
  ts::array a = ts::arange(4.0);
  at::Tensor tensor = as_tensor(a(ts::slice(ts::none, ts::none, -1)));
  a[3] = 99;
  ts::print("a reversed view is copied, because tensors have no negative strides:", as_array(tensor));
}

void read_only() {
  at::Tensor tensor = at::ones({2});
  ts::array a = ts::from_dlpack(at::toDLPackVersionedReadOnly(tensor));
  ts::print("a tensor handed over for reading only: writable:", yes_or_no(a.flags().writeable));
  try {
    a(0) = 5;
  } catch (const ts::value_error& error) {
    ts::print(" ", error.what());
  }
}

void half_precision() {
  at::Tensor tensor = at::ones({3}, at::kBFloat16);
  ts::array a = as_array(tensor);
  a *= 1.5;
  ts::print("bfloat16 too:", a.dtype().name(), a, "and the tensor sums to", tensor.sum().item<float>());
}

int main() {
  from_tensor();
  from_array();
  reversed();
  read_only();
  half_precision();
}
