// Python's pickles, as far as torch.save needs them. Nothing that a pickle names is ever run.

/// A value of a pickle.
indirect enum PickledValue {
    case none, bool(Bool), int(Int), double(Double), text(String)
    case tuple([PickledValue]), list(PickledList), dictionary(PickledDictionary)
    case tensor(PickledTensor), storage(PickledStorage)
    /// A class or function by its full name.
    case name(String)
}

/// A list or a dictionary that later operations of the pickle fill.
final class PickledList { var elements: [PickledValue] = [] }
final class PickledDictionary { var entries: [(key: PickledValue, value: PickledValue)] = [] }

/// Numbers in a member of the archive.
struct PickledStorage: Equatable {
    /// Type of the numbers ("FloatStorage"), the member's name, and how many numbers there are.
    let type: String, key: String, count: Int
}

/// A view of a storage.
struct PickledTensor {
    let storage: PickledStorage
    let offset: Int, shape: [Int], strides: [Int]
}

/// Reads a pickle of protocol 2 to 5 that consists of what state dictionaries are made of.
///
/// - SeeAlso: Python's `Lib/pickletools.py`, which describes every operation.
struct Unpickler {
    /// Why a pickle is not read.
    struct Refusal: Error { let problem: String }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var stack: [PickledValue] = []
    /// Heights of the stack at the marks that are open.
    private var marks: [Int] = []
    private var memo: [Int: PickledValue] = [:]

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The value that the pickle makes.
    mutating func value() throws(Refusal) -> PickledValue {
        while true {
            let code = try byte()
            if code == UInt8(ascii: ".") { break }
            try run(code)
        }
        guard stack.count == 1 else { throw Refusal(problem: "the pickle leaves no single value") }
        return stack[0]
    }

    private mutating func run(_ code: UInt8) throws(Refusal) {
        switch code {
        case 0x80: _ = try byte()
        case 0x95: _ = try number(8)
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "K"): stack.append(.int(try number(1)))
        case UInt8(ascii: "M"): stack.append(.int(try number(2)))
        case UInt8(ascii: "J"):
            stack.append(.int(Int(Int32(truncatingIfNeeded: try number(4)))))
        case 0x8a: stack.append(.int(try long()))
        case UInt8(ascii: "G"): stack.append(.double(try double()))
        case UInt8(ascii: "X"): stack.append(.text(try text(try number(4))))
        case 0x8c: stack.append(.text(try text(try number(1))))
        case UInt8(ascii: "}"): stack.append(.dictionary(PickledDictionary()))
        case UInt8(ascii: "]"): stack.append(.list(PickledList()))
        case UInt8(ascii: ")"): stack.append(.tuple([]))
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "t"): stack.append(.tuple(try sinceMark()))
        case 0x85, 0x86, 0x87: stack.append(.tuple(try last(Int(code) - 0x84)))
        case UInt8(ascii: "a"): try append(try last(1))
        case UInt8(ascii: "e"): try append(try sinceMark())
        case UInt8(ascii: "s"): try set(try last(2))
        case UInt8(ascii: "u"): try set(try sinceMark())
        case UInt8(ascii: "q"): try remember(try number(1))
        case UInt8(ascii: "r"): try remember(try number(4))
        case 0x94: try remember(memo.count)
        case UInt8(ascii: "h"): try recall(try number(1))
        case UInt8(ascii: "j"): try recall(try number(4))
        case UInt8(ascii: "c"): stack.append(.name(try allowed(try line() + "." + line())))
        case 0x93:
            let names = try last(2)
            guard case .text(let module) = names[0], case .text(let name) = names[1] else {
                throw Refusal(problem: "the pickle names something by no text")
            }
            stack.append(.name(try allowed(module + "." + name)))
        case UInt8(ascii: "R"): try reduce()
        case UInt8(ascii: "Q"): stack.append(.storage(try storage(try last(1)[0])))
        case UInt8(ascii: "b"): try build()
        default:
            throw Refusal(
                problem: "the pickle uses operation 0x\(String(code, radix: 16)), which no state"
                    + " dictionary needs")
        }
    }

    // MARK: - Bytes

    private mutating func byte() throws(Refusal) -> UInt8 {
        guard position < bytes.count else { throw Refusal(problem: "the pickle is cut short") }
        position += 1
        return bytes[position - 1]
    }

    private mutating func number(_ size: Int) throws(Refusal) -> Int {
        var value: UInt64 = 0
        for shift in 0..<size { value |= UInt64(try byte()) << UInt64(8 * shift) }
        guard let result = Int(exactly: value) else {
            throw Refusal(problem: "the pickle has a number beyond all bounds")
        }
        return result
    }

    /// A whole number of any length, least significant byte first, two's complement.
    private mutating func long() throws(Refusal) -> Int {
        let size = try number(1)
        guard size <= 8 else { throw Refusal(problem: "the pickle has a number beyond all bounds") }
        var value: UInt64 = 0, last: UInt8 = 0
        for shift in 0..<size {
            last = try byte()
            value |= UInt64(last) << UInt64(8 * shift)
        }
        if last & 0x80 != 0, size < 8 { value |= ~0 << UInt64(8 * size) }
        return Int(Int64(bitPattern: value))
    }

    private mutating func double() throws(Refusal) -> Double {
        var value: UInt64 = 0
        for _ in 0..<8 { value = value << 8 | UInt64(try byte()) }
        return Double(bitPattern: value)
    }

    private mutating func text(_ count: Int) throws(Refusal) -> String {
        guard count <= bytes.count - position else {
            throw Refusal(problem: "the pickle is cut short")
        }
        defer { position += count }
        return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }

    private mutating func line() throws(Refusal) -> String {
        var characters: [UInt8] = []
        while case let next = try byte(), next != UInt8(ascii: "\n") { characters.append(next) }
        return String(decoding: characters, as: UTF8.self)
    }

    // MARK: - Stack

    private mutating func last(_ count: Int) throws(Refusal) -> [PickledValue] {
        guard stack.count - (marks.last ?? 0) >= count else {
            throw Refusal(problem: "the pickle takes what it never put")
        }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func sinceMark() throws(Refusal) -> [PickledValue] {
        guard let mark = marks.popLast() else {
            throw Refusal(problem: "the pickle takes what it never put")
        }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private mutating func append(_ values: [PickledValue]) throws(Refusal) {
        guard case .list(let list)? = stack.last else {
            throw Refusal(problem: "the pickle appends to no list")
        }
        list.elements += values
    }

    private mutating func set(_ values: [PickledValue]) throws(Refusal) {
        guard case .dictionary(let dictionary)? = stack.last, values.count % 2 == 0 else {
            throw Refusal(problem: "the pickle sets entries of no dictionary")
        }
        for i in stride(from: 0, to: values.count, by: 2) {
            dictionary.entries.append((values[i], values[i + 1]))
        }
    }

    private mutating func remember(_ index: Int) throws(Refusal) {
        guard let top = stack.last else { throw Refusal(problem: "the pickle remembers nothing") }
        memo[index] = top
    }

    private mutating func recall(_ index: Int) throws(Refusal) {
        guard let value = memo[index] else {
            throw Refusal(problem: "the pickle recalls what it never remembered")
        }
        stack.append(value)
    }

    // MARK: - What a state dictionary is made of

    private static let storageTypes: Set<String> = [
        "FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage", "LongStorage",
        "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage",
    ]

    private static let rebuildTensor = "torch._utils._rebuild_tensor_v2"
    private static let rebuildParameter = "torch._utils._rebuild_parameter"

    private func allowed(_ name: String) throws(Refusal) -> String {
        let others = [
            "collections.OrderedDict", "torch.Size", Self.rebuildTensor, Self.rebuildParameter,
        ]
        let isStorage =
            name.hasPrefix("torch.") && Self.storageTypes.contains(String(name.dropFirst(6)))
        guard isStorage || others.contains(name) else {
            throw Refusal(
                problem: "the pickle names \(name), which is no part of a state dictionary;"
                    + " nothing of it was run")
        }
        return name
    }

    private mutating func reduce() throws(Refusal) {
        let pair = try last(2)
        guard case .name(let name) = pair[0], case .tuple(let arguments) = pair[1] else {
            throw Refusal(problem: "the pickle calls what is no function")
        }
        switch name {
        case "collections.OrderedDict" where arguments.isEmpty:
            stack.append(.dictionary(PickledDictionary()))
        case "torch.Size" where arguments.count == 1: stack.append(arguments[0])
        case Self.rebuildParameter where arguments.count >= 1: stack.append(arguments[0])
        case Self.rebuildTensor where arguments.count >= 4:
            guard case .storage(let storage) = arguments[0], case .int(let offset) = arguments[1]
            else { throw Refusal(problem: "the pickle makes a tensor of no storage") }
            stack.append(
                .tensor(
                    PickledTensor(
                        storage: storage, offset: offset, shape: try integers(arguments[2]),
                        strides: try integers(arguments[3]))))
        default: throw Refusal(problem: "the pickle calls \(name) in a way that is not known")
        }
    }

    private func integers(_ value: PickledValue) throws(Refusal) -> [Int] {
        guard case .tuple(let elements) = value else {
            throw Refusal(problem: "the pickle gives a tensor no sizes")
        }
        var result: [Int] = []
        for element in elements {
            guard case .int(let number) = element else {
                throw Refusal(problem: "the pickle gives a tensor no sizes")
            }
            result.append(number)
        }
        return result
    }

    /// ("storage", type, key, location, count)
    private func storage(_ identity: PickledValue) throws(Refusal) -> PickledStorage {
        guard case .tuple(let parts) = identity, parts.count >= 5, case .text("storage") = parts[0],
            case .name(let type) = parts[1], case .text(let key) = parts[2],
            case .int(let count) = parts[4], count >= 0, type.hasSuffix("Storage")
        else { throw Refusal(problem: "the pickle refers to something that is no storage") }
        return PickledStorage(type: String(type.dropFirst(6)), key: key, count: count)
    }

    /// Attributes of a dictionary, such as `_metadata`, say nothing about weights.
    private mutating func build() throws(Refusal) {
        _ = try last(1)
        guard case .dictionary? = stack.last else {
            throw Refusal(problem: "the pickle gives attributes to what is no dictionary")
        }
    }
}
