import TestSupport
import Testing

@testable import Interaction

private let person = Box(0, 0, 100, 200), bat = Box(100, 100, 200, 200)

/// What is found when of three findings, best first, the first and the third are right and two are to be found.
private let fiveSixths: Double = (1 + 2.0 / 3) / 2

private func hitting(_ box: Box?, _ score: Double, at place: Box = person) -> FoundAgent {
    FoundAgent(place, actions: ["hit": score], roles: ["hit instr": .init(box, score: score)])
}

@Suite("Accuracy of roles")
struct RoleAccuracyTests {
    private func precisions(
        _ truth: [[TrueAgent]], _ found: [[FoundAgent]], verbs: [String] = ["hit instr"]
    ) -> [[Double?]] {
        RoleAccuracy.Scenario.allCases.map {
            RoleAccuracy(truth: truth, found: found, verbs: verbs, scenario: $0).precisions
        }
    }

    /// One hits with a bat; one hits with what is out of sight; one does nothing, beside one of whom nobody said anything.
    private let truth: [[TrueAgent]] = [
        [TrueAgent(person, roles: ["hit instr": bat])],
        [TrueAgent(person, roles: ["hit instr": nil])],
        [TrueAgent(person, roles: [:]), TrueAgent(Box(300, 0, 400, 200), roles: nil)],
    ]

    // Best first: 0.95 stands for the unknown person and is left out; 0.9 is right; 0.8 names a place where there is none;
    // 0.7 names none, of the same person; 0.6 stands for one who does nothing; 0.5 comes second for the first person.
    //   scenario 1: right, wrong, right, wrong, wrong: (1 + 2/3) / 2
    //   scenario 2: right, right, wrong (taken by 0.8), wrong, wrong: (1 + 1) / 2
    @Test("Scenario 1 asks for no place where the thing is out of sight, scenario 2 for nothing")
    func scenarios() {
        let found = [
            [hitting(bat, 0.9), hitting(bat, 0.5)], [hitting(bat, 0.8), hitting(nil, 0.7)],
            [hitting(bat, 0.6), hitting(bat, 0.95, at: Box(300, 0, 400, 200))],
        ]
        #expect(precisions(truth, found) == [[fiveSixths], [1]])
    }

    @Test("A place must be named where the thing is in sight")
    func named() {
        #expect(precisions([truth[0]], [[hitting(nil, 1)]]) == [[0], [0]])
    }

    // 95 of 105 columns of the first person, 85 of 115 of the second, who hits.
    @Test("A finding stands for the person whom it overlaps most, whatever they do")
    func nearest() {
        let truth = [
            TrueAgent(Box(0, 0, 100, 100), roles: [:]),
            TrueAgent(Box(20, 0, 120, 100), roles: ["hit instr": bat]),
        ]
        #expect(precisions([truth], [[hitting(bat, 1, at: Box(5, 0, 105, 100))]]) == [[0], [0]])
        #expect(precisions([truth], [[hitting(bat, 1, at: Box(15, 0, 115, 100))]]) == [[1], [1]])
        // Nobody is near: the first person is meant, and of that one nobody said what they do.
        let far = hitting(bat, 0.9, at: Box(500, 0, 600, 100))
        let unknown = [TrueAgent(Box(0, 0, 100, 100), roles: nil), truth[1]]
        let right = hitting(bat, 0.5, at: Box(20, 0, 120, 100))
        #expect(precisions([unknown], [[far, right]]) == [[1], [1]])
        #expect(precisions([truth], [[far, right]]) == [[0.5], [0.5]])
    }

    @Test("Half of both boxes is enough, and less is not")
    func half() {
        let truth = [[TrueAgent(Box(0, 0, 10, 10), roles: ["hit instr": Box(0, 0, 20, 10)])]]
        func precision(_ place: Box, _ thing: Box) -> Double? {
            precisions(truth, [[hitting(thing, 1, at: place)]])[0][0]
        }
        #expect(precision(Box(0, 0, 10, 5), Box(0, 0, 20, 5)) == 1)
        #expect(precision(Box(0, 0, 10, 4.9), Box(0, 0, 20, 5)) == 0)
        #expect(precision(Box(0, 0, 10, 5), Box(0, 0, 20, 4.9)) == 0)
    }

    @Test(
        "Roles that nobody has are left out of the mean, and 'point' is in one and not in the other"
    )
    func means() {
        let truth = [[TrueAgent(person, roles: ["hit instr": bat, "point instr": bat])]]
        let accuracy = RoleAccuracy(
            truth: truth, found: [[hitting(bat, 1)]],
            verbs: ["hit instr", "hit obj", "walk", "point instr"], scenario: .first)
        #expect(accuracy.verbs == ["hit instr", "hit obj", "point instr"])
        #expect(accuracy.precisions == [1, nil, 0] && accuracy.counts == [1, 0, 1])
        #expect(accuracy.mean == 0.5 && accuracy.meanWithoutPointing == 1)
    }

    // Walking: two people do it. 0.9 is right; 0.8 stands for the one who hits; 0.7 is right: (1 + 2/3) / 2.
    @Test("Actions are measured without their things, an action with two roles once")
    func agents() {
        let second = Box(300, 0, 400, 200), third = Box(600, 0, 700, 200)
        let truth = [
            [
                TrueAgent(person, roles: ["hit instr": bat, "hit obj": nil]),
                TrueAgent(second, roles: ["walk": nil]), TrueAgent(third, roles: ["walk": nil]),
            ]
        ]
        func walking(_ box: Box, _ score: Double) -> FoundAgent {
            FoundAgent(box, actions: ["walk": score])
        }
        let found = [
            [
                walking(second, 0.9), walking(person, 0.8), walking(third, 0.7),
                hitting(nil, 0.1),
            ]
        ]
        let accuracy = AgentAccuracy(
            truth: truth, found: found, verbs: ["walk", "hit instr", "hit obj", "sit instr"])
        #expect(accuracy.actions == ["walk", "hit", "sit"] && accuracy.counts == [2, 1, 0])
        #expect(accuracy.precisions == [fiveSixths, 1, nil])
        #expect(accuracy.mean == (fiveSixths + 1) / 2)
    }

    @Test("People of V-COCO's photographs are known, unknown, or no people")
    func people() throws {
        let instances = try COCOInstances(
            parsing: smallInstances.with(
                "{\"id\": 74, \"image_id\": 4, \"category_id\": 1, \"bbox\": [9, 9, 5, 5]}, {\"id\": 71",
                for: "{\"id\": 71"
            ).utf8, file: "i.json")
        let set = try VCOCO(
            parsingOfficial: officialVCOCO.utf8, file: "t.json", instances: instances)
        #expect(
            set.agents == [
                [
                    TrueAgent(
                        Box(1.5, 2, 11.5, 22),
                        roles: ["hit instr": Box(30, 40, 35, 46), "hit obj": nil])
                ],
                [
                    TrueAgent(Box(9, 9, 14, 14), roles: nil),
                    TrueAgent(Box(0, 0, 5, 5), roles: ["walk": nil]),
                ],
            ])
        let pairs = try VCOCO(parsingPairs: pairsOfVCOCO.utf8, file: "t.json")
        #expect(
            pairs.agents == [
                [
                    TrueAgent(
                        Box(1, 2, 3, 4),
                        roles: ["ride instr": Box(5, 6, 7, 8), "hold obj": Box(5, 6, 7, 9.5)]),
                    TrueAgent(Box(5, 6, 7, 9.5), roles: nil),
                ], [],
            ])
    }
    @Test(
        "What V-COCO's pairs say of themselves is perfect for each role",
        .enabled(if: dataFolder != nil, "PERCEPT_DATA is not set"))
    func published() throws {
        let set = try VCOCO(pairs: dataFolder! + "/hoi/annotations/instances_vcoco_val.json")
        let truth = set.agents
        let found = truth.map { agents in
            agents.compactMap { agent in
                agent.roles.map { roles in
                    FoundAgent(agent.box, roles: roles.mapValues { .init($0, score: 1) })
                }
            }
        }
        let accuracy = RoleAccuracy(
            truth: truth, found: found, verbs: set.verbs, scenario: .first)
        #expect(accuracy.precisions == [Double](repeating: 1, count: 24))
        #expect(accuracy.counts.reduce(0, +) == 7417)
    }
}
