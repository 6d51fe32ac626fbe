// How differently two videos change from one frame to the next: restless restorations show here.
import CKernels
import Media

/// Root mean square of the difference between two videos' changes, in 8-bit steps.
///
/// 0 when the test changes from frame to frame exactly as the reference does, whatever its error.
public func flicker(
    reference: (previous: Plane, current: Plane), test: (previous: Plane, current: Plane),
    depth: Int
) -> Double {
    checkEqualSize(reference.previous, reference.current)
    checkEqualSize(reference.current, test.current)
    checkEqualSize(test.previous, test.current)
    let sum = withKernelSamples(reference.previous) { r0 in
        withKernelSamples(reference.current) { r1 in
            withKernelSamples(test.previous) { t0 in
                withKernelSamples(test.current) { percept_temporal_error(t0, $0, r0, r1) }
            }
        }
    }
    let mean = Double(sum) / Double(reference.current.width * reference.current.height)
    return mean.squareRoot() * 255 / Double((1 << depth) - 1)
}
