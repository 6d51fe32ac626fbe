// Mean and spread of what was measured at several starts.

/// Numbers over starts; those that are not finite, of starts that did not settle, are left out.
struct Spread {
    let mean: Double
    /// The standard deviation; 0 of a single number.
    let deviation: Double

    init(_ values: [Double]) {
        let values = values.filter(\.isFinite)
        let mean = values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
    }

    /// As a cell of a table; a dash where there is nothing to show.
    var cell: ResultCell {
        mean.isFinite ? .spread(mean: mean, deviation: deviation) : .text("-")
    }
}
