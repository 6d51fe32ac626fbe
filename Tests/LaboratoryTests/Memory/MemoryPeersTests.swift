import Memory
import Tensors
import Testing

@testable import Laboratory

@Suite struct MemoryPeersTests {
    @Test("An autoencoder learns its pictures, and keeps known entries where it is told")
    func autoencoder() throws {
        let pictures = Textures().pictures(4, seed: 1).pictures.gathered(columns: 0..<96)
        let encoder = try TrainedAutoencoder([24], pictures, epochs: 500, seed: 1, threads: 1)
        let learned = try encoder.applied(to: pictures, times: 1)
        #expect(learned.meanSquaredErrors(to: pictures).allSatisfy { $0 < 1e-3 })
        let known = Tensor<Float>((0..<96).map { $0 < 48 ? 1 : 0 }, shape: [1, 96])
        let asked = pictures.zeroed(where: known)
        let found = try encoder.applied(to: asked, knowing: known, times: 3)
        #expect(found.zeroed(where: known) == asked)
        #expect(
            zip(found.squaredErrors(to: pictures), asked.squaredErrors(to: pictures))
                .allSatisfy { $0 < $1 })
    }

    @Test("The best modern Hopfield network restores what is hardly damaged")
    func modernHopfield() throws {
        // Patterns of one length: dot products find the nearest among them.
        var random = RandomSource(seed: 2)
        let pictures = Tensor<Float>(shape: [8, 40]) { to in
            for index in to.indices { to[index] = random.uniform() < 0.5 ? -1 : 1 }
        }
        let errors = try BestModernHopfield.errors(
            of: pictures.map { 0.9 * $0 }, storing: pictures, below: 0.001, threads: 1)
        #expect(errors.count == 8 && errors.allSatisfy { $0 < 0.001 })
    }
}

extension Tensor where Scalar == Float {
    fileprivate func gathered(columns: Range<Int>) -> Tensor {
        Tensor(shape: [shape[0], columns.count]) { to in
            for row in 0..<shape[0] {
                for (position, column) in columns.enumerated() {
                    to[row * columns.count + position] = self[row, column]
                }
            }
        }
    }
}
