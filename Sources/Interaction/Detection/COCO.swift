// The kinds of things that COCO knows.

/// The 80 categories of COCO.
public enum COCO {
    /// Their names, in the order in which detectors number them.
    public static let categories = [
        "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
        "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat",
        "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack",
        "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball",
        "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket",
        "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
        "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair",
        "couch", "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse",
        "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
        "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier",
        "toothbrush",
    ]
    /// The index of "person".
    public static let person = 0

    private static let indices = Dictionary(
        uniqueKeysWithValues: categories.enumerated().map { ($1, $0) })

    /// The index of a category by its name; nil for what COCO does not know.
    public static func index(of name: String) -> Int? { indices[name] }

    /// Numbers from 1 to 90 that COCO's annotations use for the categories: ten of them stand for nothing.
    public static let identifiers: [Int] = {
        let unused: Set = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83]
        return (1...90).filter { !unused.contains($0) }
    }()

    private static let byIdentifier = Dictionary(
        uniqueKeysWithValues: identifiers.enumerated().map { ($1, $0) })

    /// The index of a category by its number in COCO's annotations.
    public static func index(ofIdentifier identifier: Int) -> Int? { byIdentifier[identifier] }
}
