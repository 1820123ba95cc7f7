// The part of TensorFlow's C interface that is used (tensorflow/c/c_api.h, tensorflow/c/eager/c_api.h), declared here so
// that no TensorFlow header is needed to compile, and resolved from a library that is given at run time. The C interface
// is stable: these functions have not changed since TensorFlow 2.9.
#pragma once

#include <cstddef>
#include <cstdint>

struct TF_Status;
struct TF_Tensor;
struct TF_DeviceList;
struct TFE_Context;
struct TFE_ContextOptions;
struct TFE_Op;
struct TFE_TensorHandle;

enum TF_DataType : int32_t {
  TF_FLOAT = 1,
  TF_INT32 = 3,
  TF_UINT8 = 4,
  TF_STRING = 7,
  TF_COMPLEX64 = 8,
  TF_INT64 = 9,
  TF_BOOL = 10,
  TF_RESOURCE = 20,
};

enum TF_AttrType : int32_t {
  TF_ATTR_STRING = 0,
  TF_ATTR_INT = 1,
  TF_ATTR_FLOAT = 2,
  TF_ATTR_BOOL = 3,
  TF_ATTR_TYPE = 4,
  TF_ATTR_SHAPE = 5,
};

using Deallocator = void (*)(void* data, size_t length, void* argument);

// name, result, arguments
#define TENSORFLOW_FUNCTIONS(F)                                                                            \
  F(TF_Version, const char*, ())                                                                           \
  F(TF_NewStatus, TF_Status*, ())                                                                          \
  F(TF_DeleteStatus, void, (TF_Status*))                                                                   \
  F(TF_GetCode, int, (const TF_Status*))                                                                   \
  F(TF_Message, const char*, (const TF_Status*))                                                           \
  F(TF_DataTypeSize, size_t, (TF_DataType))                                                                \
  F(TF_NewTensor, TF_Tensor*, (TF_DataType, const int64_t*, int, void*, size_t, Deallocator, void*))       \
  F(TF_DeleteTensor, void, (TF_Tensor*))                                                                   \
  F(TF_TensorData, void*, (const TF_Tensor*))                                                              \
  F(TF_TensorByteSize, size_t, (const TF_Tensor*))                                                         \
  F(TF_DeviceListCount, int, (const TF_DeviceList*))                                                       \
  F(TF_DeviceListName, const char*, (const TF_DeviceList*, int, TF_Status*))                               \
  F(TF_DeviceListType, const char*, (const TF_DeviceList*, int, TF_Status*))                               \
  F(TF_DeviceListMemoryBytes, int64_t, (const TF_DeviceList*, int, TF_Status*))                            \
  F(TF_DeleteDeviceList, void, (TF_DeviceList*))                                                           \
  F(TFE_NewContextOptions, TFE_ContextOptions*, ())                                                        \
  F(TFE_DeleteContextOptions, void, (TFE_ContextOptions*))                                                 \
  F(TFE_NewContext, TFE_Context*, (const TFE_ContextOptions*, TF_Status*))                                 \
  F(TFE_ContextListDevices, TF_DeviceList*, (TFE_Context*, TF_Status*))                                    \
  F(TFE_NewTensorHandle, TFE_TensorHandle*, (const TF_Tensor*, TF_Status*))                                \
  F(TFE_DeleteTensorHandle, void, (TFE_TensorHandle*))                                                     \
  F(TFE_TensorHandleDataType, TF_DataType, (TFE_TensorHandle*))                                            \
  F(TFE_TensorHandleNumDims, int, (TFE_TensorHandle*, TF_Status*))                                         \
  F(TFE_TensorHandleNumElements, int64_t, (TFE_TensorHandle*, TF_Status*))                                 \
  F(TFE_TensorHandleDim, int64_t, (TFE_TensorHandle*, int, TF_Status*))                                    \
  F(TFE_TensorHandleResolve, TF_Tensor*, (TFE_TensorHandle*, TF_Status*))                                  \
  F(TFE_TensorHandleDevicePointer, void*, (TFE_TensorHandle*, TF_Status*))                                 \
  F(TFE_TensorHandleCopyToDevice, TFE_TensorHandle*,                                                       \
    (TFE_TensorHandle*, TFE_Context*, const char*, TF_Status*))                                            \
  F(TFE_NewOp, TFE_Op*, (TFE_Context*, const char*, TF_Status*))                                           \
  F(TFE_DeleteOp, void, (TFE_Op*))                                                                         \
  F(TFE_OpAddInput, void, (TFE_Op*, TFE_TensorHandle*, TF_Status*))                                        \
  F(TFE_OpAddInputList, void, (TFE_Op*, TFE_TensorHandle**, int, TF_Status*))                              \
  F(TFE_OpSetAttrString, void, (TFE_Op*, const char*, const void*, size_t))                                \
  F(TFE_OpSetAttrInt, void, (TFE_Op*, const char*, int64_t))                                               \
  F(TFE_OpSetAttrFloat, void, (TFE_Op*, const char*, float))                                               \
  F(TFE_OpSetAttrBool, void, (TFE_Op*, const char*, unsigned char))                                        \
  F(TFE_OpSetAttrType, void, (TFE_Op*, const char*, TF_DataType))                                          \
  F(TFE_OpSetAttrShape, void, (TFE_Op*, const char*, const int64_t*, int, TF_Status*))                     \
  F(TFE_OpSetAttrStringList, void, (TFE_Op*, const char*, const void* const*, const size_t*, int))         \
  F(TFE_OpSetAttrIntList, void, (TFE_Op*, const char*, const int64_t*, int))                               \
  F(TFE_OpSetAttrFloatList, void, (TFE_Op*, const char*, const float*, int))                               \
  F(TFE_OpSetAttrBoolList, void, (TFE_Op*, const char*, const unsigned char*, int))                        \
  F(TFE_OpSetAttrTypeList, void, (TFE_Op*, const char*, const TF_DataType*, int))                          \
  F(TFE_Execute, void, (TFE_Op*, TFE_TensorHandle**, int*, TF_Status*))

struct TensorFlowApi {
#define DECLARE(name, result, arguments) result(*name) arguments = nullptr;
  TENSORFLOW_FUNCTIONS(DECLARE)
#undef DECLARE
};

// The functions of the library that was opened; all null before.
extern TensorFlowApi api;
