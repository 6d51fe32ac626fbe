// The interactions that HICO-DET knows: which verbs for which kinds of things.

/// HICO-DET's 600 combinations of 117 verbs and COCO's 80 kinds of things.
///
/// - SeeAlso: Chao et al., "Learning to detect human-object interactions" (arXiv:1702.05448).
public enum HICO {
    /// What is said of a human who does nothing to a thing.
    public static let nothing = "no_interaction"

    /// The combinations in HICO-DET's order; a place in this list is HICO-DET's number less 1.
    public static let triplets: [Triplet] = table.split(separator: "\n").flatMap { line in
        let parts = line.split(separator: ":")
        let object = HICODET.categoryName(String(parts[0]))
        return (parts[1].split(separator: " ").map(String.init) + [nothing]).map {
            Triplet(verb: $0, object: object)
        }
    }

    /// The verbs in HICO-DET's order.
    public static let verbs: [String] = Set(triplets.map(\.verb)).sorted()

    private static let places = Dictionary(
        uniqueKeysWithValues: triplets.enumerated().map { ($1, $0) })

    /// HICO-DET's number of a combination, 1 to 600; nil where it has none.
    public static func number(of triplet: Triplet) -> Int? { places[triplet].map { $0 + 1 } }

    /// HICO-DET's number of a verb, 1 to 117; nil where it has none.
    public static func number(ofVerb verb: String) -> Int? {
        verbs.firstIndex(of: verb).map { $0 + 1 }
    }

    /// Each kind of thing with its verbs; that nothing is done comes last for all of them.
    private static let table = """
        airplane: board direct exit fly inspect load ride sit_on wash
        bicycle: carry hold inspect jump hop_on park push repair ride sit_on straddle walk wash
        bird: chase feed hold pet release watch
        boat: board drive exit inspect jump launch repair ride row sail sit_on stand_on tie wash
        bottle: carry drink_with hold inspect lick open pour
        bus: board direct drive exit inspect load ride sit_on wash wave
        car: board direct drive hose inspect jump load park ride wash
        cat: dry feed hold hug kiss pet scratch wash chase
        chair: carry hold lie_on sit_on stand_on
        couch: carry lie_on sit_on
        cow: feed herd hold hug kiss lasso milk pet ride walk
        dining_table: clean eat_at sit_at
        dog: carry dry feed groom hold hose hug inspect kiss pet run scratch straddle train walk \
            wash chase
        horse: feed groom hold hug jump kiss load hop_on pet race ride run straddle train walk wash
        motorcycle: hold inspect jump hop_on park push race ride sit_on straddle turn walk wash
        person: carry greet hold hug kiss stab tag teach lick
        potted_plant: carry hold hose
        sheep: carry feed herd hold hug kiss pet ride shear walk wash
        train: board drive exit load ride sit_on wash
        tv: control repair watch
        apple: buy cut eat hold inspect peel pick smell wash
        backpack: carry hold inspect open wear
        banana: buy carry cut eat hold inspect peel pick smell
        baseball_bat: break carry hold sign swing throw wield
        baseball_glove: hold wear
        bear: feed hunt watch
        bed: clean lie_on sit_on
        bench: inspect lie_on sit_on
        book: carry hold open read
        bowl: hold stir wash lick
        broccoli: cut eat hold smell stir wash
        cake: blow carry cut eat hold light make pick_up
        carrot: carry cook cut eat hold peel smell stir wash
        cell_phone: carry hold read repair talk_on text_on
        clock: check hold repair set
        cup: carry drink_with hold inspect pour sip smell fill wash
        donut: buy carry eat hold make pick_up smell
        elephant: feed hold hose hug kiss hop_on pet ride walk wash watch
        fire_hydrant: hug inspect open paint
        fork: hold lift stick lick wash
        frisbee: block catch hold spin throw
        giraffe: feed kiss pet ride watch
        hair_drier: hold operate repair
        handbag: carry hold inspect
        hot_dog: carry cook cut eat hold make
        keyboard: carry clean hold type_on
        kite: assemble carry fly hold inspect launch pull
        knife: cut_with hold stick wash wield lick
        laptop: hold open read repair type_on
        microwave: clean open operate
        mouse: control hold repair
        orange: buy cut eat hold inspect peel pick squeeze wash
        oven: clean hold inspect open repair operate
        parking_meter: check pay repair
        pizza: buy carry cook cut eat hold make pick_up slide smell
        refrigerator: clean hold move open
        remote: hold point swing
        sandwich: carry cook cut eat hold make
        scissors: cut_with hold open
        sink: clean repair wash
        skateboard: carry flip grind hold jump pick_up ride sit_on stand_on
        skis: adjust carry hold inspect jump pick_up repair ride stand_on wear
        snowboard: adjust carry grind hold jump ride stand_on wear
        spoon: hold lick wash sip
        sports_ball: block carry catch dribble hit hold inspect kick pick_up serve sign spin throw
        stop_sign: hold stand_under stop_at
        suitcase: carry drag hold hug load open pack pick_up zip
        surfboard: carry drag hold inspect jump lie_on load ride stand_on sit_on wash
        teddy_bear: carry hold hug kiss
        tennis_racket: carry hold inspect swing
        tie: adjust cut hold inspect pull tie wear
        toaster: hold operate repair
        toilet: clean flush open repair sit_on stand_on wash
        toothbrush: brush_with hold wash
        traffic_light: install repair stand_under stop_at
        truck: direct drive inspect load repair ride sit_on wash
        umbrella: carry hold lose open repair set stand_under
        vase: hold make paint
        wine_glass: fill hold sip toast lick wash
        zebra: feed hold pet watch
        """
}
