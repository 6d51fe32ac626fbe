// A picture of MPEG-2 that stands in for one that is missing.

/// A picture of MPEG-2 that repeats the one before it, written here.
struct RepeatedPicture {
    /// In blocks of 16x16 samples.
    let columns: Int, rows: Int

    /// For luma of the given size; nil where rows do not fit into the code that says where a slice begins.
    init?(width: Int, height: Int) {
        (columns, rows) = ((width + 15) / 16, (height + 15) / 16)
        guard width > 0, height > 0, height <= 2800 else { return nil }
    }

    /// Header, extension and a slice for each row, whose blocks have no motion and no residual.
    ///
    /// - Parameter place: Of ten bits, in the order of display.
    func bytes(isBetween: Bool, place: Int) -> [UInt8] {
        // Place, type, full buffer.
        var header = BitString()
        header.put(place, 10)
        header.put(isBetween ? 3 : 2, 3)
        header.put(0xFFFF, 16)
        // Where vectors are written is said in the extension.
        header.put(0b0111, 4)
        if isBetween { header.put(0b0111, 4) }
        header.put(0, 1)
        var coding = BitString()
        coding.put(8, 4)
        // The shortest vectors, in one or two directions.
        coding.put(isBetween ? 0x1111 : 0x11FF, 16)
        // Eight bits of the mean, a whole frame, prediction of frames alone.
        coding.put(0b00, 2)
        coding.put(0b11, 2)
        coding.put(0b01, 2)
        // Nothing else, chroma of a progressive frame.
        coding.put(0b00000, 5)
        coding.put(0b110, 3)
        return unit(0, header) + unit(0xB5, coding)
            + (1...rows).flatMap { row in
                var slice = BitString()
                slice.put(1, 5)
                slice.put(0, 1)
                for _ in 0..<columns {
                    // The next block; moved, without residual, from before; a vector of no length.
                    slice.put(1, 1)
                    isBetween ? slice.put(0b0010, 4) : slice.put(0b001, 3)
                    slice.put(0b11, 2)
                }
                return unit(UInt8(row), slice)
            }
    }

    private func unit(_ code: UInt8, _ bits: BitString) -> [UInt8] { [0, 0, 1, code] + bits.bytes }
}
