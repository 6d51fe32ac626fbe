// The members of a zip archive that are stored as they are: what PyTorch writes.

/// A file that PyTorch did not write, or that holds what is not read.
public struct PyTorchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file and what is wrong with it.
    public let file: String, problem: String

    /// One line.
    public var description: String { escaped("\(file): \(problem)") }
}

/// The members of a zip archive, found by its central directory; nothing is unpacked.
///
/// - SeeAlso: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 to 4.3.16 and 4.5.3.
struct ZipArchive {
    /// Names and bytes of the members.
    private(set) var members: [String: Range<Int>] = [:]
    private let bytes: UnsafeRawBufferPointer
    private let path: String

    /// Reads the directory of an archive.
    ///
    /// - Throws: ``PyTorchError`` for anything that is not a sound archive of stored members.
    init(_ bytes: UnsafeRawBufferPointer, path: String) throws(PyTorchError) {
        self.bytes = bytes
        self.path = path
        var (count, offset) = try end()
        while count > 0 {
            count -= 1
            let (name, range, next) = try member(at: offset)
            offset = next
            guard !name.hasSuffix("/") else { continue }
            guard members.updateValue(range, forKey: name) == nil else {
                throw broken("member '\(name)' is there twice")
            }
        }
    }

    private func broken(_ problem: String) -> PyTorchError {
        PyTorchError(file: path, problem: problem)
    }

    /// A little-endian number of `size` bytes.
    private func number(_ offset: Int, _ size: Int) throws(PyTorchError) -> Int {
        guard offset >= 0, offset <= bytes.count - size else {
            throw broken("the zip archive is cut short")
        }
        var value: UInt64 = 0
        for i in (0..<size).reversed() { value = value << 8 | UInt64(bytes[offset + i]) }
        guard let result = Int(exactly: value) else {
            throw broken("the zip archive has a number beyond all bounds")
        }
        return result
    }

    /// Number of members and where the directory begins.
    private func end() throws(PyTorchError) -> (count: Int, offset: Int) {
        // A comment of up to 65,535 bytes may follow the last record.
        var at = bytes.count - 22
        let lowest = max(0, at - 65_535)
        while at >= lowest {
            if try number(at, 4) == 0x0605_4b50, try number(at + 20, 2) == bytes.count - at - 22 {
                break
            }
            at -= 1
        }
        guard at >= lowest else {
            throw broken("is no file that torch.save wrote, or one of before PyTorch 1.6")
        }
        let (count, offset) = (try number(at + 10, 2), try number(at + 16, 4))
        guard count == 0xffff || offset == 0xffff_ffff else { return (count, offset) }
        guard at >= 20, try number(at - 20, 4) == 0x0706_4b50 else {
            throw broken("the zip archive has no directory")
        }
        let record = try number(at - 12, 8)
        guard try number(record, 4) == 0x0606_4b50 else {
            throw broken("the zip archive has no directory")
        }
        return (try number(record + 32, 8), try number(record + 48, 8))
    }

    /// The member that the directory's entry at `offset` names, and where the next entry begins.
    private func member(
        at offset: Int
    ) throws(PyTorchError) -> (name: String, range: Range<Int>, next: Int) {
        guard try number(offset, 4) == 0x0201_4b50 else {
            throw broken("the zip archive's directory is damaged")
        }
        let (flags, method) = (try number(offset + 8, 2), try number(offset + 10, 2))
        var size = try number(offset + 24, 4), stored = try number(offset + 20, 4)
        var header = try number(offset + 42, 4)
        let (nameLength, extraLength) = (try number(offset + 28, 2), try number(offset + 30, 2))
        let name = try text(offset + 46, nameLength)
        // Sizes beyond 4 GB stand in an extra field, those that are needed only.
        var extra = offset + 46 + nameLength
        let extraEnd = extra + extraLength
        while extra + 4 <= extraEnd {
            let (kind, length) = (try number(extra, 2), try number(extra + 2, 2))
            if kind == 1 {
                var field = extra + 4
                if size == 0xffff_ffff {
                    size = try number(field, 8)
                    field += 8
                }
                if stored == 0xffff_ffff {
                    stored = try number(field, 8)
                    field += 8
                }
                if header == 0xffff_ffff { header = try number(field, 8) }
            }
            extra += 4 + length
        }
        guard method == 0, flags & 1 == 0, size == stored else {
            throw broken("member '\(name)' is compressed or encrypted, which torch.save never does")
        }
        guard try number(header, 4) == 0x0403_4b50 else {
            throw broken("member '\(name)' is not where the zip archive says")
        }
        let start = header + 30 + (try number(header + 26, 2)) + (try number(header + 28, 2))
        guard start <= bytes.count, size <= bytes.count - start else {
            throw broken("member '\(name)' is cut short")
        }
        let next = extraEnd + (try number(offset + 32, 2))
        return (name, start..<start + size, next)
    }

    private func text(_ offset: Int, _ count: Int) throws(PyTorchError) -> String {
        guard offset <= bytes.count - count else { throw broken("the zip archive is cut short") }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }
}
