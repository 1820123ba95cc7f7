// TensorFlow's eager runtime with the tensors that JavaScript holds, by number.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tensorflow_api.h"

// The status of a call; `expectOk` throws what TensorFlow says.
class Status {
 public:
  Status() : status_(api.TF_NewStatus()) {}
  ~Status() { api.TF_DeleteStatus(status_); }
  Status(const Status&) = delete;
  Status& operator=(const Status&) = delete;
  operator TF_Status*() { return status_; }
  void expectOk() const;

 private:
  TF_Status* status_;
};

struct Device {
  std::string name;
  std::string type;
  int64_t memoryBytes;
};

// One attribute of an operation, read once and set at every execution.
struct Attribute {
  std::string name;
  TF_AttrType type;
  bool list = false;
  std::vector<int64_t> integers;  // of kinds int, bool, type and shape
  std::vector<float> floats;
  std::vector<std::string> texts;
};

struct Operation {
  std::string name;
  std::vector<Attribute> attributes;
};

// Time spent in each operation since `profile` was switched on.
struct Spent {
  double ms = 0;
  int64_t calls = 0;
};

class Runtime {
 public:
  Runtime();

  const std::vector<Device>& devices() const { return devices_; }
  bool usesGpu() const { return gpu_; }

  int32_t insert(TFE_TensorHandle* handle);
  TFE_TensorHandle* handle(int64_t id) const;
  void remove(int64_t id);
  size_t tensors() const { return live_; }

  // A tensor with a copy of `bytes` bytes of `data`, on the device that computes (int32 stays in host memory, where most
  // operations want it).
  int32_t create(TF_DataType type, const std::vector<int64_t>& shape, const void* data, size_t bytes);

  std::vector<TFE_TensorHandle*> execute(const Operation& operation, const std::vector<int64_t>& inputs, int outputs);

  // Memory of a tensor on the CPU; throws unless it holds exactly `elements` values of `type` there.
  void* memory(int64_t id, TF_DataType type, int64_t elements) const;
  float* floats(int64_t id, int64_t elements) const {
    return static_cast<float*>(memory(id, TF_FLOAT, elements));
  }
  // A new, uninitialised float32 tensor on the CPU.
  int32_t allocate(const std::vector<int64_t>& shape, float** memory);

  int32_t add(Operation operation);
  const Operation& operation(int64_t index) const;

  bool profiling = false;
  std::unordered_map<std::string, Spent> spent;

 private:
  TFE_Context* context_ = nullptr;
  std::vector<Device> devices_;
  std::string deviceName_;
  bool gpu_ = false;
  std::vector<TFE_TensorHandle*> handles_;
  std::vector<int32_t> free_;
  size_t live_ = 0;
  std::vector<Operation> operations_;
};

// Adds the time of a scope to the profile, while one is taken.
class Timed {
 public:
  Timed(Runtime& runtime, const char* name);
  ~Timed();

 private:
  Runtime& runtime_;
  const char* name_;
  double began_;
};
