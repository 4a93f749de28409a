"""Little stories from a grammar: agreement over distance, coreference, and facts that hold from one sentence to a later one."""

import random
import zlib

STORY = "<|story|>"

# name, subject, object, possessive, reflexive
PEOPLE = [
    (name, *forms)
    for names, forms in (
        ("mira anna clara ida martha nora vera sofia", ("she", "her", "her", "herself")),
        ("tobias jonas emil peter simon victor arthur oscar", ("he", "him", "his", "himself")),
    )
    for name in names.split()
]
OCCUPATIONS = "fisherman baker captain teacher painter doctor farmer sailor tailor singer hunter gardener".split()
ANIMALS = {"dog": "dogs", "bird": "birds", "mouse": "mice", "cow": "cows", "gull": "gulls", "cat": "cats",
           "horse": "horses", "fox": "foxes", "goat": "goats", "fish": "fish"}
THINGS = {"clock": "clocks", "lamp": "lamps", "key": "keys", "boat": "boats", "rope": "ropes", "letter": "letters",
          "bottle": "bottles", "hammer": "hammers", "wheel": "wheels", "bell": "bells", "coat": "coats",
          "bag": "bags", "stick": "sticks", "oar": "oars", "chair": "chairs", "drawing": "drawings",
          "spring": "springs", "sail": "sails", "nail": "nails", "cloth": "cloths", "book": "books",
          "basket": "baskets", "machine": "machines", "stone": "stones", "cup": "cups", "ring": "rings"}
SIGHTS = {"house": "houses", "tower": "towers", "bridge": "bridges", "church": "churches", "island": "islands",
          "wall": "walls", "window": "windows", "door": "doors", "roof": "roofs", "garden": "gardens",
          "street": "streets", "stair": "stairs", "path": "paths", "village": "villages", "harbour": "harbours",
          "cloud": "clouds", "pillar": "pillars", "tree": "trees", "child": "children", "man": "men",
          "woman": "women", "boy": "boys", "daughter": "daughters", "nest": "nests"}
PLACES = ["under the bed", "behind the door", "on the table", "beside the stove", "in the tower", "in the boat",
          "on the roof", "near the harbour wall", "at the top of the stairs", "between two stones", "in the garden",
          "on the step of the house", "in the church", "under the bridge", "at the end of the street",
          "in a small brown bag", "behind the mill", "at the bottom of the well", "on the island", "by the window"]
GOALS = ["to the harbour", "to the sea", "across the bay", "up the stairs", "over the rocks", "into the village",
         "down to the water", "round the island", "back to the house", "along the path", "to the market",
         "through the wood", "over the bridge", "home"]
SIZES = "small big tall long narrow heavy thin wide".split()
QUALITIES = "old new cold warm wet dry dark bright pale quiet clean strong fine empty open broken".split()
COLOURS = "red blue green brown grey black white yellow".split()
MOODS = "tired careful happy afraid proud angry ill lost awake alone hungry sad brave".split()
NUMBERS = "two three four five six seven eight nine ten eleven twelve twenty".split() + ["a hundred"]
TIMES = ["every morning", "in the evening", "at night", "one day", "after the storm", "before the rain", "on monday",
         "many years ago", "the next day", "towards morning", "that winter", "long before the bridge fell"]
WEATHER = ["the wind turned", "the rain began to fall", "the storm arrived", "the sky became dark",
           "the sun came out", "the snow covered the path", "the sea grew quiet", "the clouds went away",
           "the water was green and quiet", "the wind grew tired", "the light was pale and clear"]
# third person, past, participle, with a person before and a thing behind
DEEDS = [line.split() for line in """
repairs repaired repaired
carries carried carried
finds found found
sells sold sold
opens opened opened
watches watched watched
follows followed followed
loves loved loved
builds built built
holds held held
paints painted painted
leaves left left
counts counted counted
remembers remembered remembered
forgets forgot forgotten
hides hid hidden
sees saw seen
wants wanted wanted
brings brought brought
keeps kept kept
lifts lifted lifted
closes closed closed""".strip().splitlines()]
# third person, plural, past, participle, without an object
ACTS = [line.split() for line in """
sleeps sleep slept slept
sings sing sang sung
waits wait waited waited
runs run ran run
laughs laugh laughed laughed
stops stop stopped stopped
listens listen listened listened
falls fall fell fallen
returns return returned returned
moves move moved moved
burns burn burned burned
turns turn turned turned
stands stand stood stood""".strip().splitlines()]

# Plain words that no rule above uses, so that a language model has met more than the grammar's own.
PLAIN = """about above ago all along always animal answer any arm asked awake away axle back bad became become bee been
began begin behind believe below best better between bit blow both bread break breath breathe bring burning burst
busy calm came care catch certain chest clear climb climbed close cook corner cost could cousin dance day dear deep
different drawn dream drink drop each ear early earth eat eight either else end enough even ever every everything
eye face far fast fell felt fetched few field finger finish fire first floor fly food foot forest friend full gave
gently give glad glass gone good grew ground grow habit had hair half hammered hand happen hard hat heard heart
heavy help here high hill himself hour how hundred ice idea inside instead iron just kind kitchen knew know lake
last late laughed lay learn least leg less life lift little lonely look loud made many mean meant meet milk minute
month moon more morning mother mountain mouth move much music must nail near neck need next noise north nose not
nothing now oil once only other our outside over own paper part pass perhaps piece place plain play please pocket
poor pour promise push question quickly race rain reach read ready real reason rest rich right river road rock room
root rose rough round rowed sad safe said salt same sand say school second seem send set shade shake shape share
sharp ship shoe shop shore short should side silver since sister sit sky slept slow slowly smile smoke soft soil
some song soon sound south speak stand star start step still stop story straight straw strange string such sudden
summer sure sweet swim talk taste tell than thank them then there these they thing think third this though thought
thread through time today together told tomorrow tongue too took tooth touch town travel true try turn twice uncle
until upon us usual valley very visit voice wait wake walk want warm wash watch we wear week weight well went were
west what wheel when whether which while who whole why will window wing winter wish without wood word work world
would wrap write year yes yet you young your""".split()


def is_held_out(hero, thing, place):
    """Whether a hero with a thing in a place is kept for the held-out split: one combination in ten."""
    return zlib.crc32(f"{hero} {thing} {place}".encode()) % 10 == 0


def article(word):
    return ("an " if word[0] in "aeiou" and not word.startswith("one") else "a ") + word


class Story:
    """One story: its people and things stay what they are from the first sentence to the last."""

    def __init__(self, rng):
        self.rng = rng
        self.hero, self.friend = rng.sample(PEOPLE, 2)
        self.work = rng.choice(OCCUPATIONS)
        self.animal = rng.choice(list(ANIMALS))
        self.thing, self.other = rng.sample(list(THINGS), 2)
        self.colour, self.other_colour = rng.sample(COLOURS, 2)
        self.place = rng.choice(PLACES)
        self.home = rng.choice(PLACES)
        self.number = rng.choice(NUMBERS)
        self.counted = rng.choice(list(SIGHTS.values()) + list(ANIMALS.values()))

    @property
    def key(self):
        return self.hero[0], self.thing, self.place

    def words(self):
        middle = [self.agreement, self.embedded, self.counting, self.weather, self.condition, self.comparison,
                  self.company, self.reported, self.travel, self.reason, self.reflexive, self.generic, self.listing,
                  self.negation, self.while_]
        parts = [self.opening(), self.possession(), self.putting()]
        parts += [part() for part in self.rng.sample(middle, 5)]
        parts += [self.searching(), self.asking()]
        parts += [part() for part in self.rng.sample(middle, 3)]
        parts += [self.counted_again(), self.closing()]
        return " ".join(parts).split()

    # What is said once and comes back.
    def opening(self):
        name, he, _, his, _ = self.hero
        return self.rng.choice([
            f"{name} was {article(self.rng.choice(MOODS))} {self.work} who lived {self.home}",
            f"there was once {article(self.work)} whose name was {name} and {he} lived {self.home}",
            f"the {self.work} who lived {self.home} was called {name}",
            f"{self.rng.choice(TIMES)} {article(self.work)} called {name} came {self.rng.choice(GOALS)} with {his} {self.animal}",
        ])

    def possession(self):
        name, he, _, his, _ = self.hero
        friend = self.friend[0]
        return self.rng.choice([
            f"{he} had {article(self.colour)} {self.thing} that {his} father had built and {article(self.animal)} that followed {self.hero[2]}",
            f"{friend} gave {self.hero[2]} {article(self.colour)} {self.thing} and the {self.animal} watched",
            f"{he} loved nothing so much as the {self.colour} {self.thing} that {he} had found {self.rng.choice(TIMES)}",
            f"{his} {self.animal} had brought {self.hero[2]} {article(self.colour)} {self.thing} in its mouth",
        ])

    def putting(self):
        _, he, _, his, _ = self.hero
        return self.rng.choice([
            f"{he} put the {self.colour} {self.thing} {self.place} and {self.went()}",
            f"so that nobody would take it {he} hid the {self.colour} {self.thing} {self.place}",
            f"because {he} was afraid {he} laid {his} {self.thing} {self.place} and said nothing",
            f"at last {he} took the {self.thing} and left it {self.place}",
        ])

    def searching(self):
        name, he, _, his, _ = self.hero
        return self.rng.choice([
            f"when {name} wanted {his} {self.thing} again {he} looked {self.place} and there it was as {self.colour} as before",
            f"{name} remembered the {self.thing} and found it {self.place}",
            f"later {he} went {self.rng.choice(GOALS)} but the {self.colour} {self.thing} was still {self.place}",
        ])

    def asking(self):
        name, he, him, _, _ = self.hero
        friend, she, her, _, _ = self.friend
        return self.rng.choice([
            f"where is the {self.thing} asked {friend} it is {self.place} said {name}",
            f"{friend} asked {him} where {he} had put the {self.thing} and {he} told {her} that it was {self.place}",
            f"did you see the {self.thing} that i left {self.place} said {name} i did said {friend} it was {self.colour}",
            f"{friend} did not know what colour the {self.thing} was until {name} said that it was {self.colour}",
        ])

    def counting(self):
        _, he, _, _, _ = self.hero
        return f"{he} counted the {self.counted} and there were {self.number}"

    def counted_again(self):
        name, he, _, _, _ = self.hero
        return self.rng.choice([
            f"{name} counted the {self.counted} and there were {self.number} and then {he} counted them again and there were {self.number}",
            f"of the {self.number} {self.counted} that {name} had counted {self.number} were still there",
        ])

    def closing(self):
        name, he, _, his, himself = self.hero
        return self.rng.choice([
            f"and {name} and {his} {self.animal} lived {self.home} until the end",
            f"since then the {self.colour} {self.thing} has not been lost again",
            f"the {self.work} went home {self.home} and {he} slept with the {self.animal} beside {self.hero[2]}",
        ])

    # What can stand anywhere.
    def went(self):
        return f"went {self.rng.choice(GOALS)}"

    def noun(self, plural=False):
        one, many = self.rng.choice(list({**ANIMALS, **THINGS, **SIGHTS}.items()))
        return many if plural else one

    def trait(self):
        return self.rng.choice(SIZES + QUALITIES + COLOURS)

    def agreement(self):
        plural = self.rng.random() < 0.5
        noun, other = self.noun(plural), self.noun(not plural)
        verb = ("are" if plural else "is") if self.rng.random() < 0.5 else ("were" if plural else "was")
        place = self.rng.choice(["near", "behind", "beside", "under", "between", "above"])
        has = "have" if plural else "has"
        return self.rng.choice([
            f"the {self.trait()} {noun} {place} the {other} {verb} {self.trait()}",
            f"the {noun} {place} the {self.trait()} {other} {has} been {self.trait()} for {self.rng.choice(NUMBERS)} years",
        ])

    def embedded(self):
        plural = self.rng.random() < 0.5
        noun = self.noun(plural)
        deed = self.rng.choice(DEEDS)
        verb = "are" if plural else "is"
        was = "were" if plural else "was"
        it = "them" if plural else "it"
        return self.rng.choice([
            f"the {noun} that the {self.rng.choice(OCCUPATIONS)} {deed[0]} {verb} {self.trait()}",
            f"the {noun} that {self.friend[0]} who was {self.rng.choice(MOODS)} {deed[1]} {was} {self.trait()} and nobody {self.rng.choice(DEEDS)[1]} {it}",
            f"the {noun} which had been {deed[2]} by the {self.work} {was} {self.trait()}",
        ])

    def generic(self):
        plural = self.rng.random() < 0.5
        noun, act = self.noun(plural), self.rng.choice(ACTS)
        verb = act[1] if plural else act[0]
        it = "they" if plural else "it"
        return self.rng.choice([
            f"the {noun} {verb} {self.rng.choice(TIMES)} because {it} {'are' if plural else 'is'} {self.trait()}",
            f"when the {noun} {verb} the {self.rng.choice(OCCUPATIONS)} does not {self.rng.choice(ACTS)[1]}",
        ])

    def weather(self):
        return f"{self.rng.choice(WEATHER)} and {self.rng.choice(WEATHER)}"

    def condition(self):
        noun, act, deed = self.noun(), self.rng.choice(ACTS), self.rng.choice(DEEDS)
        he = self.hero[1]
        return self.rng.choice([
            f"if the {noun} had not {act[3]} {he} would never have {deed[2]} the {self.noun(True)}",
            f"if {he} had {deed[2]} the {noun} the {self.animal} would have {act[3]}",
            f"unless the {noun} {act[0]} said {self.friend[0]} nobody will {self.rng.choice(ACTS)[1]}",
        ])

    def comparison(self):
        return self.rng.choice([
            f"the {self.noun()} was as {self.trait()} as {article(self.noun())}",
            f"it was more like {article(self.noun())} than like {article(self.noun())} said {self.friend[0]}",
            f"the {self.noun()} was {self.trait()} but the {self.noun()} was not",
        ])

    def company(self):
        return (f"{self.hero[0]} {self.rng.choice(ACTS)[2]} and {self.friend[0]} {self.rng.choice(ACTS)[2]} "
                f"but the {self.animal} {self.rng.choice(ACTS)[2]} {self.rng.choice(PLACES)}")

    def reported(self):
        friend, she, _, _, _ = self.friend
        return self.rng.choice([
            f"{friend} said that {she} had {self.rng.choice(DEEDS)[2]} the {self.noun()} {self.rng.choice(TIMES)}",
            f"{friend} thought that the {self.noun()} which {self.hero[0]} {self.rng.choice(DEEDS)[1]} was {self.trait()}",
            f"tell me said {friend} who {self.rng.choice(DEEDS)[1]} the {self.noun()} i do not know said {self.hero[0]}",
        ])

    def travel(self):
        name, he, _, his, _ = self.hero
        return self.rng.choice([
            f"{self.rng.choice(TIMES)} {name} and {his} {self.animal} {self.went()} and then {self.went()}",
            f"{he} went {self.rng.choice(GOALS)} and the {self.animal} went first",
        ])

    def reason(self):
        name, he, _, _, _ = self.hero
        return self.rng.choice([
            f"{name} was {self.rng.choice(MOODS)} because {self.rng.choice(WEATHER)}",
            f"although {self.rng.choice(WEATHER)} {he} was not {self.rng.choice(MOODS)}",
            f"instead of the {self.noun()} {he} {self.rng.choice(DEEDS)[1]} the {self.noun()} until {self.rng.choice(WEATHER)}",
        ])

    def reflexive(self):
        who = self.rng.choice([self.hero, self.friend])
        return self.rng.choice([
            f"{who[0]} saw {who[4]} in the window and {who[1]} {self.rng.choice(ACTS)[2]}",
            f"{who[0]} asked {who[4]} whether {who[1]} had {self.rng.choice(DEEDS)[2]} the {self.noun()}",
        ])

    def listing(self):
        things = self.rng.sample(list(THINGS), 3)
        return (f"{self.hero[1]} took {article(things[0])} {article(things[1])} and {article(things[2])} "
                f"and of these the {self.rng.choice(things)} was the most {self.rng.choice(QUALITIES)}")

    def negation(self):
        return self.rng.choice([
            f"nobody had ever {self.rng.choice(DEEDS)[2]} the {self.noun()} and nobody wanted to",
            f"neither the {self.rng.choice(OCCUPATIONS)} nor the {self.rng.choice(OCCUPATIONS)} could {self.rng.choice(ACTS)[1]}",
            f"there was no {self.noun()} between the {self.noun(True)} any more",
        ])

    def while_(self):
        act = self.rng.choice(ACTS)
        return (f"while the {self.rng.choice(OCCUPATIONS)} {act[2]} the {self.noun(True)} "
                f"{self.rng.choice(ACTS)[2]} and the {self.noun()} did not {self.rng.choice(ACTS)[1]}")


def stories(seed, count, held_out):
    """`count` different stories of the training split or of the held-out split.

    In every fourth story for training one word in five is another one, so that a language model learns to go on after
    words that it did not expect; held-out stories are left as they are.
    """
    rng = random.Random(f"{seed} {held_out}")
    known = sorted({word for _ in range(500) for word in Story(rng).words()} | set(PLAIN))
    seen = set()
    while len(seen) < count:
        story = Story(rng)
        if is_held_out(*story.key) != held_out:
            continue
        words = " ".join(story.words())
        if words not in seen:
            seen.add(words)
            yield words if held_out or rng.random() > 0.25 else wandering(rng, words, known)


def wandering(rng, words, known):
    return " ".join(rng.choice(known) if rng.random() < 0.2 else word for word in words.split())
