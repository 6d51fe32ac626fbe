// What competes to fill a hole.
import Media

/// A way to fill a hole, and how far it is to be believed.
protocol RepairGuess {
    /// Its weight in each cell; see ``CellField/weights``.
    var weights: CellField { get }

    /// A sample of plane `index`, in steps of the picture's depth.
    ///
    /// - Parameters:
    ///   - h: Luma samples that it stands for in a row.
    ///   - v: The same in a column.
    func sample(_ index: Int, _ x: Int, _ y: Int, _ h: Int, _ v: Int) -> Float
}

extension RepairGuess {
    /// The weight at a luma sample.
    func weight(_ x: Int, _ y: Int) -> Float {
        weights.value(
            Float(x) / Float(LossMap.cell) - 0.5, Float(y) / Float(LossMap.cell) - 0.5)
    }
}

extension CellField {
    /// What guesses weigh that are wrong by so many squared 8-bit steps: the inverse, as is best where their errors have nothing to
    /// do with each other.
    var weights: CellField {
        /// The noise of coding, which no guess goes below.
        let noise: Float = 4
        var result = self
        for index in values.indices { result.values[index] = 1 / (noise + values[index]) }
        return result
    }
}
