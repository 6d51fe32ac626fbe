// The idx format of MNIST: a magic number, the extents, then bytes.
// Described at the foot of MNIST's own page: http://yann.lecun.com/exdb/mnist/

/// The contents of an idx file of unsigned bytes.
struct IndexedFile {
    /// Extents, outermost first.
    let extents: [Int]
    /// The elements, the last axis running fastest.
    let bytes: [UInt8]

    /// Elements beyond which a header is not believed: ten times MNIST.
    static let mostBytes = 470_400_000

    /// Reads a plain or gzip file that has `rank` axes.
    ///
    /// - Throws: ``DataError``.
    init(contentsOf path: String, rank: Int) throws(DataError) {
        let file = try PackedFile(path)
        let magic = try file.read(4)
        guard magic[0] == 0, magic[1] == 0 else {
            throw DataError(path, .malformed("is no idx file"))
        }
        guard magic[2] == 8 else {
            throw DataError(
                path, .malformed("holds elements of type \(magic[2]); 8, unsigned bytes, is wanted")
            )
        }
        guard magic[3] == rank else {
            throw DataError(path, .malformed("has \(magic[3]) axes; \(rank) are wanted"))
        }
        var extents: [Int] = [], count = 1
        for _ in 0..<rank {
            let extent = try file.read(4).reduce(0) { $0 << 8 | Int($1) }
            extents.append(extent)
            let (product, isTooLarge) = count.multipliedReportingOverflow(by: extent)
            guard !isTooLarge, product <= Self.mostBytes else {
                throw DataError(path, .malformed("is too large: \(extents) of \(rank) axes"))
            }
            count = product
        }
        self.extents = extents
        bytes = try file.read(count)
        try file.finish()
    }
}
