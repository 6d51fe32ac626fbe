// Findings in the forms that other programs read: COCO's, HICO-DET's and V-COCO's.
import Terminal

extension PictureFindings {
    /// The last part of the file's name.
    private var fileName: String { image.split(separator: "/").last.map(String.init) ?? image }

    /// COCO's number of the photograph, read off its name; else its place in the order looked at, from 1.
    private func number(_ place: Int) -> JSONValue {
        .int(COCO.imageNumber(ofFile: fileName) ?? place)
    }

    /// The things as COCO's results: `{"image_id", "file_name", "category_id", "bbox", "score"}`.
    ///
    /// - SeeAlso: cocodataset.org, "Results format".
    func cocoResults(number place: Int) -> [JSONValue] {
        things.map { thing in
            let box = [thing.box.x1, thing.box.y1, thing.box.width, thing.box.height]
            return .object([
                ("image_id", number(place)), ("file_name", .string(fileName)),
                ("category_id", .int(COCO.identifiers[thing.category])),
                ("bbox", .array(box.map { .number(rounded($0, 10)) })),
                ("score", .number(rounded(thing.score, 10_000))),
            ])
        }
    }

    /// `{"file_name", "predictions": [{"bbox", "category_id"}], "hoi_prediction": [{"subject_id", "object_id",
    /// "category_id", "score"}]}`: boxes by their corners, COCO's categories, HICO-DET's verbs from 1.
    ///
    /// - SeeAlso: The predictions of PPDM (arXiv:1912.12898) and QPIC (arXiv:2103.05399).
    var hicoPrediction: JSONValue {
        var boxes: [Detection] = []
        func index(_ thing: Detection) -> Int {
            if let known = boxes.firstIndex(of: thing) { return known }
            boxes.append(thing)
            return boxes.count - 1
        }
        let interactions = findings.compactMap { finding -> JSONValue? in
            // A verb is said of two boxes or not at all.
            guard let verb = HICO.number(ofVerb: finding.verb), let object = finding.object else {
                return nil
            }
            var members: [(String, JSONValue)] = [
                ("subject_id", .int(index(finding.human))),
                ("object_id", .int(index(object))), ("category_id", .int(verb)),
            ]
            if let number = HICO.number(of: finding.triplet) {
                members.append(("hoi_category_id", .int(number)))
            }
            return .object(members + [("score", .number(rounded(finding.score, 1_000_000)))])
        }
        return .object([
            ("file_name", .string(fileName)),
            (
                "predictions",
                .array(
                    boxes.map {
                        .object([
                            ("bbox", $0.box.json),
                            ("category_id", .int(COCO.identifiers[$0.category])),
                        ])
                    })
            ), ("hoi_prediction", .array(interactions)),
        ])
    }

    /// What V-COCO's evaluation reads, a person each: `{"image_id", "person_box", "ride_agent": score, "ride_instr":
    /// [x1, y1, x2, y2, score]}`. It wants a pickle of this list.
    ///
    /// - SeeAlso: Gupta and Malik, "Visual semantic role labeling" (arXiv:1505.04474), and the authors' evaluation.
    func vcocoDetections(number place: Int) -> [JSONValue] {
        var people: [Detection] = []
        for finding in findings where !people.contains(finding.human) {
            people.append(finding.human)
        }
        return people.compactMap { person in
            var members: [(String, JSONValue)] = [
                ("image_id", number(place)), ("person_box", person.box.json),
            ]
            var seen: Set<String> = []
            // The surest come first.
            for finding in findings where finding.human == person {
                guard let (action, role) = VCOCO.role(of: finding.triplet),
                    seen.insert("\(action)_\(role)").inserted
                else { continue }
                let score = rounded(finding.score, 1_000_000)
                if seen.insert("\(action)_agent").inserted {
                    members.append(("\(action)_agent", .number(score)))
                }
                // Scenario 1 wants a thing out of sight to be at no place.
                let place =
                    finding.object.map(\.box).map { box in
                        [box.x1, box.y1, box.x2, box.y2].map { JSONValue.number(rounded($0, 10)) }
                    } ?? [.null, .null, .null, .null]
                members.append(("\(action)_\(role)", .array(place + [.number(score)])))
            }
            return members.count > 2 ? .object(members) : nil
        }
    }
}

extension VCOCO {
    /// V-COCO's action and the role that the thing has in it, for a verb and a thing of HICO-DET; nil where V-COCO has
    /// none.
    static func role(of triplet: Triplet) -> (action: String, role: String)? {
        switch (triplet.verb, triplet.object) {
        case ("ride", "surfboard"): return ("surf", "instr")
        case ("ride", "skis"): return ("ski", "instr")
        case ("ride", "snowboard"): return ("snowboard", "instr")
        case ("ride", "skateboard"): return ("skateboard", "instr")
        case ("type_on", "laptop"): return ("work_on_computer", "instr")
        case ("talk_on", "cell phone"): return ("talk_on_phone", "instr")
        case ("swing", "baseball bat"), ("swing", "tennis racket"): return ("hit", "instr")
        case ("jump", "person"), ("watch", "person"): return nil
        default: return roles[triplet.verb]
        }
    }

    private static let roles: [String: (action: String, role: String)] = [
        "hold": ("hold", "obj"), "carry": ("carry", "obj"), "sit_on": ("sit", "instr"),
        "ride": ("ride", "instr"), "watch": ("look", "obj"), "hit": ("hit", "obj"),
        "eat": ("eat", "obj"), "jump": ("jump", "instr"), "lie_on": ("lay", "instr"),
        "throw": ("throw", "obj"), "catch": ("catch", "obj"), "cut": ("cut", "obj"),
        "cut_with": ("cut", "instr"), "drink_with": ("drink", "instr"), "kick": ("kick", "obj"),
        "read": ("read", "obj"),
    ]
}
