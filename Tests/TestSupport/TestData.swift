// Where tests find real data, if this machine has it.
import Glibc

/// The folder that `PERCEPT_DATA` names, or nil; tests that need it skip without it.
public var dataFolder: String? {
    guard let value = getenv("PERCEPT_DATA"), value.pointee != 0 else { return nil }
    return String(cString: value)
}

/// Whether tests that take longer were asked for: `make soak` sets `PERCEPT_SOAK`.
public var isSoaking: Bool {
    guard let value = getenv("PERCEPT_SOAK") else { return false }
    return value.pointee != 0
}
