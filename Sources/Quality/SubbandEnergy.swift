// How much of a picture's detail is there, by direction: blur shows as energy that is missing.
import CKernels
import Media

/// Mean energy of a plane's orthonormal Haar subbands, in squared 8-bit steps per coefficient.
public struct SubbandEnergy: Sendable, Hashable {
    /// Mean squares of LL, HL (horizontal differences), LH (vertical ones), HH.
    public let ll: Double, hl: Double, lh: Double, hh: Double

    /// The energies of a plane of `depth` bits; zero where it has fewer than two rows or columns.
    public init(_ plane: Plane, depth: Int) {
        var energy: (Double, Double, Double, Double) = (0, 0, 0, 0)
        withKernelSamples(plane) { samples in
            withUnsafeMutablePointer(to: &energy) {
                $0.withMemoryRebound(to: Double.self, capacity: 4) {
                    percept_subband_energy(samples, 255 / Float((1 << depth) - 1), $0)
                }
            }
        }
        let count = Double(max((plane.width / 2) * (plane.height / 2), 1))
        (ll, hl, lh, hh) = (
            energy.0 / count, energy.1 / count, energy.2 / count, energy.3 / count
        )
    }

    /// Energy here over that of a reference, for HL, LH and HH; 1 where both have none. Below 1 is
    /// detail lost, above 1 detail (or noise) added.
    public func detailRatios(to reference: SubbandEnergy) -> (hl: Double, lh: Double, hh: Double) {
        func ratio(_ a: Double, _ b: Double) -> Double {
            b > 0 ? a / b : a > 0 ? .infinity : 1
        }
        return (ratio(hl, reference.hl), ratio(lh, reference.lh), ratio(hh, reference.hh))
    }
}
