// What a person and the whole picture look like, in few numbers.
import Interaction

/// The numbers by which people are compared who were shown as examples.
///
/// A detector's features of the person's box and of the whole picture, each in 3 x 3 cells: means and largest values over
/// the cells, `[channels]` each, in the order mean of the person, mean of the picture, largest of the person, largest of
/// the picture.
public enum PersonLook {
    /// Cells along each side of a box.
    public static let cells = 3

    /// Numbers of a person, from so many channels of a cell.
    public static func count(channels: Int) -> Int { 4 * channels }

    /// The boxes that are looked at for each person: the person's, and the whole picture.
    static func boxes(of people: [Detection], width: Int, height: Int) -> [Box] {
        let scene = Box(0, 0, Double(width), Double(height))
        return people.map(\.box) + (people.isEmpty ? [] : [scene])
    }

    /// The numbers of people, from the cells of ``boxes(of:width:height:)``.
    static func values(ofCells seen: [[Float]]) -> [[Float]] {
        guard let scene = seen.last else { return [] }
        return seen.dropLast().map { values(person: $0[...], scene: scene[...]) }
    }

    /// The numbers of a person, from the cells of both boxes.
    static func values(person: ArraySlice<Float>, scene: ArraySlice<Float>) -> [Float] {
        let (own, around) = (pooled(person), pooled(scene))
        return own.mean + around.mean + own.largest + around.largest
    }

    private static func pooled(_ values: ArraySlice<Float>) -> (mean: [Float], largest: [Float]) {
        let count = cells * cells
        precondition(values.count % count == 0, "\(values.count) numbers in \(count) cells")
        let channels = values.count / count
        var sums = [Float](repeating: 0, count: channels)
        var largest = [Float](repeating: -.infinity, count: channels)
        var place = values.startIndex
        for _ in 0..<count {
            for channel in 0..<channels {
                let value = values[place]
                sums[channel] += value
                if value > largest[channel] { largest[channel] = value }
                place += 1
            }
        }
        return (sums.map { $0 / Float(count) }, largest)
    }
}
