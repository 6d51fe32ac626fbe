import Tensors
import Testing

@testable import Policy

@Suite struct CandidateSearchTests {
    @Test("Global tries cover the whole box evenly, whatever the number of an action's numbers")
    func global() {
        for width in [1, 2, 6] {
            let box = ActionBox(width, limit: 2)
            var random = RandomSource(seed: 1)
            let search = CandidateSearch(global: 4000, local: 0)
            let tries = search.candidates(
                around: Tensor(repeating: 0.5, shape: [1, width]), in: box, using: &random)
            #expect(tries.shape == [4001, width])
            let numbers = tries.elements.dropFirst(width)
            #expect(numbers.allSatisfy { abs($0) <= 2 })
            for part in 0..<8 {
                let low = -2 + Float(part) / 2
                let share =
                    Double(numbers.count { $0 >= low && $0 < low + 0.5 }) / Double(numbers.count)
                #expect(abs(share - 0.125) < 0.02, "\(width), \(low): \(share)")
            }
            #expect(
                search.halved.candidates(
                    around: Tensor(shape: [1, width]), in: box, using: &random
                ).elements.allSatisfy { abs($0) <= 1 })
        }
    }

    @Test("Local tries stay within the radius and the box, and the first try is the action itself")
    func local() {
        let box = ActionBox(2, limit: 3)
        var random = RandomSource(seed: 2)
        let search = CandidateSearch(global: 0, local: 500, radius: 0.25)
        let actions = Tensor<Float>([2.9, 0, -1, -3], shape: [2, 2])
        let tries = search.candidates(around: actions, in: box, using: &random)
        for row in 0..<2 {
            #expect(tries.row(row * 501) == actions.row(row))
            var farthest: Float = 0
            for index in 1...500 {
                let found = tries.row(row * 501 + index)
                for (a, b) in zip(found, actions.row(row)) {
                    #expect(abs(a) <= 3 && abs(a - b) <= 0.7501)
                    farthest = max(farthest, abs(a - b))
                }
            }
            #expect(farthest > 0.7)
        }
    }

    @Test(
        "The best try wins, of equal ones the action that there is, and others only where they are worth more"
    )
    func best() {
        let search = CandidateSearch(global: 2, local: 0)
        let values = Tensor<Float>([1, 1, 1, 0, 2, 3, 5, 4, 6, 2, .nan, 1], shape: [12, 1])
        #expect(search.best(values) == [0, 2, 2, 0])
        let tries = Tensor<Float>((0..<12).map(Float.init), shape: [12, 1])
        let (actions, isBetter) = search.improved(tries, by: values)
        #expect(actions.elements == [0, 5, 8, 9])
        #expect(isBetter == [false, true, true, false])
    }
}
