// What somebody found in pictures, as files: ours, HICO-DET's predictions, V-COCO's detections.
import FileNames
import Glibc
import Terminal

/// Findings that a file tells, by picture.
public struct KnownFindings: Sendable {
    /// The forms that are read.
    public enum Form: Sendable {
        /// What `hoi detect` writes as JSON, by the line or as a list.
        case ours
        /// Predictions as PPDM and QPIC exchange them.
        case hico
        /// V-COCO's list of people.
        case vcoco
    }

    /// A finding of a pair.
    public struct Pair: Sendable, Hashable {
        /// What, and where: boxes by their edges.
        public var boxes: RelatedBoxes
        /// How surely all of it is so, and how surely the verb alone.
        public var score: Double, verbScore: Double
    }

    /// The file, and its form.
    public let path: String, form: Form
    /// Pairs by the picture's name as the file has it, and by the last part of it.
    private var byPath: [String: [Pair]] = [:], byName: [String: [Pair]] = [:]
    /// People by COCO's number.
    private var people: [Int: [FoundAgent]] = [:]

    /// Reads a list, or JSON lines, of pictures: `{"image", "interactions": [{"human", "object", "object_name", "verb",
    /// "score", "parts": {"verb"}}]}`, where a subject that is no person is called `subject` and has a
    /// `subject_name`; or PPDM's `{"file_name", "predictions", "hoi_prediction"}`; or of people: V-COCO's
    /// `{"image_id", "person_box", "hit_agent", "hit_instr", ...}`, null for what is not there.
    ///
    /// Corners in the last two are pixels that belong to the box, as the programs that read them have it.
    ///
    /// - Throws: ``AnnotationError``.
    /// - SeeAlso: ``PictureFindings/json``; PPDM (arXiv:1912.12898); V-COCO's `vsrl_eval.py`.
    public init(contentsOf path: String) throws(AnnotationError) {
        let bytes = try AnnotationNode.bytes(of: path)
        let nodes =
            bytes.first { $0 > 0x20 } == UInt8(ascii: "[")
            ? try AnnotationNode(parsing: bytes, file: path).elements()
            : try AnnotationNode.lines(in: bytes, file: path)
        let form: Form =
            if nodes.first?.optional("hoi_prediction") != nil {
                .hico
            } else if nodes.first?.optional("person_box") != nil {
                .vcoco
            } else {
                .ours
            }
        (self.path, self.form) = (path, form)
        for node in nodes {
            switch form {
            case .ours: try add(picture: node)
            case .hico: try add(prediction: node)
            case .vcoco: try add(person: node)
            }
        }
    }

    /// Whether a file begins as a text of JSON does, and not as weights do.
    public static func isOne(_ path: String) -> Bool {
        guard let file = fopen(path.fileName, "rb") else { return false }
        defer { fclose(file) }
        // Weights begin with a number of eight bytes, the last of which are 0.
        var head = [UInt8](repeating: 0, count: 8)
        let count = fread(&head, 1, head.count, file)
        let start = head.prefix(count)
        let first = start.first { $0 > 0x20 }
        return !start.contains(0) && (first == UInt8(ascii: "{") || first == UInt8(ascii: "["))
    }

    // MARK: - Reading

    private mutating func add(picture node: AnnotationNode) throws(AnnotationError) {
        let name = try node.member("image").text()
        // What happens in a video from when to when is no finding in a picture.
        guard node.optional("events") == nil else { return }
        var found: [Pair] = []
        for node in try node.member("interactions").elements() {
            // A verb without a thing.
            guard let object = node.optional("object") else { continue }
            let score = try node.member("score").number()
            let relation = Relation(
                try node.optional("subject_name")?.text() ?? COCO.categories[COCO.person],
                try node.member("verb").text(), try node.member("object_name").text())
            let subject = try node.member(
                node.optional("subject") == nil ? "human" : "subject")
            found.append(
                Pair(
                    boxes: RelatedBoxes(
                        relation, subject: try subject.corners(), object: try object.corners()),
                    score: score,
                    verbScore: try node.optional("parts")?.optional("verb")?.number() ?? score))
        }
        add(found, to: name)
    }

    private mutating func add(prediction node: AnnotationNode) throws(AnnotationError) {
        let name = try node.member("file_name").text()
        var things: [(name: String, box: Box)] = []
        for thing in try node.member("predictions").elements() {
            let category = try thing.member("category_id")
            guard let index = COCO.index(ofIdentifier: try category.integer()) else {
                throw category.unexpected("a number of one of COCO's categories")
            }
            let box = try thing.member("bbox").corners()
            things.append((COCO.categories[index], box.withLastPixels))
        }
        var found: [Pair] = []
        for pair in try node.member("hoi_prediction").elements() {
            let subject = things[try pair.member("subject_id").integer(in: things.indices)]
            let object = things[try pair.member("object_id").integer(in: things.indices)]
            let verb = try pair.member("category_id").integer(in: 1..<HICO.verbs.count + 1)
            let score = try pair.member("score").number()
            found.append(
                Pair(
                    boxes: RelatedBoxes(
                        Relation(subject.name, HICO.verbs[verb - 1], object.name),
                        subject: subject.box, object: object.box),
                    score: score, verbScore: score))
        }
        add(found, to: name)
    }

    private mutating func add(_ pairs: [Pair], to name: String) {
        byPath[name, default: []] += pairs
        byName[Self.lastPart(of: name), default: []] += pairs
    }

    private mutating func add(person node: AnnotationNode) throws(AnnotationError) {
        let image = try node.member("image_id").integer()
        var agent = FoundAgent(try node.member("person_box").corners().withLastPixels)
        guard case .object(let members) = node.value else { throw node.unexpected("a person") }
        for (name, _) in members where name != "image_id" && name != "person_box" {
            guard let value = node.optional(name), let end = name.lastIndex(of: "_") else {
                continue
            }
            let (action, role) = (String(name[..<end]), name[name.index(after: end)...])
            if role == "agent" {
                agent.actions[action] = try value.number()
            } else {
                agent.roles["\(action) \(role)"] = try Self.role(value)
            }
        }
        people[image, default: []].append(agent)
    }

    /// `[x1, y1, x2, y2, score]`: nothing is in sight where the first four are null or all 0.
    private static func role(_ node: AnnotationNode) throws(AnnotationError) -> FoundAgent.Role? {
        let parts = try node.elements()
        guard parts.count == 5 else { throw node.unexpected("four numbers and a score") }
        if case .null = parts[4].value { return nil }
        let score = try parts[4].number()
        var numbers: [Double] = []
        for part in parts.dropLast() {
            if case .null = part.value { continue }
            numbers.append(try part.number())
        }
        guard numbers.count == 4, numbers != [0, 0, 0, 0] else {
            guard numbers.isEmpty || numbers.count == 4 else {
                throw node.unexpected("four numbers, or none, and a score")
            }
            return FoundAgent.Role(nil, score: score)
        }
        return FoundAgent.Role(
            Box(numbers[0], numbers[1], numbers[2], numbers[3]).withLastPixels, score: score)
    }

    // MARK: - Asking

    /// Number of pictures that the file says anything of.
    public var pictureCount: Int { form == .vcoco ? people.count : byPath.count }

    /// Whether the file says anything of a picture.
    public func knows(_ picture: String) -> Bool {
        guard form == .vcoco else { return entry(picture) != nil }
        return number(of: picture).map { people[$0] != nil } ?? false
    }

    /// The pairs that were found in a picture, in the file's order; none in V-COCO's form, which does not say of what
    /// kind a thing is.
    ///
    /// A picture is known by its whole name, else by the last part of it.
    public func pairs(in picture: String) -> [Pair] { entry(picture) ?? [] }

    /// The people who were found in a picture, as V-COCO has it. It is known by COCO's number in its name.
    ///
    /// Of pairs, each person gets the surest thing for each role that V-COCO knows.
    public func agents(in picture: String) -> [FoundAgent] {
        guard form != .vcoco else { return number(of: picture).flatMap { people[$0] } ?? [] }
        var agents: [FoundAgent] = []
        for pair in (entry(picture) ?? []).sorted(by: { $0.score > $1.score }) {
            let relation = pair.boxes.relation
            let triplet = Triplet(verb: relation.predicate, object: relation.object)
            guard relation.subject == COCO.categories[COCO.person],
                let (action, role) = VCOCO.role(of: triplet)
            else { continue }
            let place = agents.firstIndex { $0.box == pair.boxes.subject } ?? agents.count
            if place == agents.count { agents.append(FoundAgent(pair.boxes.subject)) }
            let verb = "\(action) \(role)"
            guard agents[place].roles[verb] == nil else { continue }
            agents[place].roles[verb] = .init(pair.boxes.object, score: pair.score)
            agents[place].actions[action] = max(
                agents[place].actions[action] ?? -.infinity, pair.score)
        }
        return agents
    }

    private func entry(_ picture: String) -> [Pair]? {
        byPath[picture] ?? byName[Self.lastPart(of: picture)]
    }

    private func number(of picture: String) -> Int? {
        COCO.imageNumber(ofFile: Self.lastPart(of: picture))
    }

    private static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}

extension KnownFindings.Pair {
    /// The finding among numbered combinations, with corners as HICO-DET's measure counts those; nil where it is none of
    /// them.
    public func detection(numbered numbers: [Triplet: Int]) -> InteractionDetection? {
        let relation = boxes.relation
        guard relation.subject == COCO.categories[COCO.person],
            let number = numbers[Triplet(verb: relation.predicate, object: relation.object)]
        else { return nil }
        func corners(_ box: Box) -> Box { Box(box.x1, box.y1, box.x2 - 1, box.y2 - 1) }
        return InteractionDetection(
            human: corners(boxes.subject), object: corners(boxes.object), interaction: number,
            score: score)
    }
}
