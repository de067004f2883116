// Sizes, offsets and numbers of DLPack's structs, as one header or another defines them.
#pragma once
#include <map>
#include <string>

namespace tessera_test {

using dlpack_facts = std::map<std::string, long long>;

dlpack_facts our_dlpack_facts();
dlpack_facts official_dlpack_facts();

}  // namespace tessera_test

#define TESSERA_OFFSET(type, field) \
  { #type "." #field, static_cast<long long>(offsetof(type, field)) }
#define TESSERA_SIZE(type) \
  { "sizeof " #type, static_cast<long long>(sizeof(type)) }
#define TESSERA_LEGACY_STRUCTS                                                                             \
  TESSERA_SIZE(DLDevice), TESSERA_SIZE(DLDataType), TESSERA_OFFSET(DLDataType, code),                      \
      TESSERA_OFFSET(DLDataType, bits), TESSERA_OFFSET(DLDataType, lanes), TESSERA_SIZE(DLTensor),         \
      TESSERA_OFFSET(DLTensor, data), TESSERA_OFFSET(DLTensor, device), TESSERA_OFFSET(DLTensor, ndim),    \
      TESSERA_OFFSET(DLTensor, dtype), TESSERA_OFFSET(DLTensor, shape), TESSERA_OFFSET(DLTensor, strides), \
      TESSERA_OFFSET(DLTensor, byte_offset), TESSERA_SIZE(DLManagedTensor),                                \
      TESSERA_OFFSET(DLManagedTensor, dl_tensor), TESSERA_OFFSET(DLManagedTensor, manager_ctx),            \
      TESSERA_OFFSET(DLManagedTensor, deleter)
#define TESSERA_VERSIONED_STRUCTS                                                                               \
  TESSERA_SIZE(DLPackVersion), TESSERA_OFFSET(DLPackVersion, major), TESSERA_OFFSET(DLPackVersion, minor),      \
      TESSERA_SIZE(DLManagedTensorVersioned), TESSERA_OFFSET(DLManagedTensorVersioned, version),                \
      TESSERA_OFFSET(DLManagedTensorVersioned, manager_ctx), TESSERA_OFFSET(DLManagedTensorVersioned, deleter), \
      TESSERA_OFFSET(DLManagedTensorVersioned, flags), TESSERA_OFFSET(DLManagedTensorVersioned, dl_tensor)
