using System.Text;

namespace OpenClaw.Kernel.Bpf;

/// <summary>A search for type definitions, functions and members in BTF.</summary>
sealed class BtfSearch
{
    const int Int = 1;
    const int Array = 3;
    const int Struct = 4;
    const int Union = 5;
    const int Enum = 6;
    const int Typedef = 8;
    const int Function = 12;
    const int Prototype = 13;
    const int Variable = 14;
    const int Section = 15;
    const int Tag = 17;
    const int Enum64 = 19;

    readonly Wish[] _wishes;
    List<Place> _places = [];
    bool _isFirst = true;

    /// <summary>Begins a search.</summary>
    /// <param name="wanted">Names of type definitions or functions, "struct structure", or "structure.member".</param>
    public BtfSearch(string[] wanted)
    {
        _wishes = new Wish[wanted.Length];
        for (var i = 0; i < wanted.Length; i++)
            _wishes[i] = new(wanted[i]);
    }

    /// <summary>The facts that were found, by name.</summary>
    public Dictionary<string, int> Found { get; } = new(StringComparer.Ordinal);

    /// <summary>True while types are left to look at.</summary>
    public bool IsUnfinished => _isFirst || (_places.Count > 0 && Found.Count < _wishes.Length);

    /// <summary>
    /// Finds the names in the section of texts; false where it is cut. Types refer to them by offset.
    /// </summary>
    public bool ReadNames(BtfCursor texts)
    {
        while (!texts.IsAtEnd)
        {
            var at = (uint)texts.Position;
            if (!texts.TryTakeText(out var text))
                return false;
            foreach (var wish in _wishes)
            {
                if (text.SequenceEqual(wish.Type))
                    wish.TypeAt = at;
                if (text.SequenceEqual(wish.Member))
                    wish.MemberAt = at;
            }
        }

        return true;
    }

    /// <summary>
    /// Looks at all types: at first for those with a name, then inside the structures without a name that were found
    /// before. False where the section is cut or has an unknown type.
    /// </summary>
    public bool ReadTypes(BtfCursor types)
    {
        var before = _places;
        _places = [];
        for (var id = 1; !types.IsAtEnd && (_isFirst || before.Count > 0); id++)
        {
            if (!types.TryTake(out var name) || !types.TryTake(out var info) || !types.Skip(sizeof(uint)))
                return false;
            var (kind, count) = ((int)(info >> 24) & 0x1f, (int)(info & 0xffff));
            if (kind is Typedef or Function or Struct)
                NoteDefinition(name, id, kind == Struct);
            var isInside = kind is Struct or Union && Enters(name, id, before);
            if (isInside ? !ReadMembers(types, count, info >> 31 != 0) : !types.Skip(LengthAfter(kind, count)))
                return false;
        }

        _isFirst = false;
        return true;
    }

    void NoteDefinition(uint name, int id, bool isStructure)
    {
        foreach (var wish in _wishes)
        {
            if (wish.Member.Length == 0 && wish.IsStructure == isStructure && wish.TypeAt == name)
                _ = Found.TryAdd(wish.Name, id);
        }
    }

    /// <summary>Returns true where some member is searched in a structure, and notes the wishes.</summary>
    bool Enters(uint name, int id, List<Place> before)
    {
        _open.Clear();
        foreach (var wish in _wishes)
        {
            if (_isFirst && wish.Member.Length > 0 && wish.TypeAt == name && name != 0)
                _open.Add(new(id, 0, wish));
        }

        for (var i = before.Count - 1; i >= 0; i--)
        {
            if (before[i].Type != id)
                continue;
            _open.Add(before[i]);
            before.RemoveAt(i);
        }

        return _open.Count > 0;
    }

    readonly List<Place> _open = [];

    bool ReadMembers(BtfCursor types, int count, bool hasBitFields)
    {
        for (var i = 0; i < count; i++)
        {
            if (!types.TryTake(out var name) || !types.TryTake(out var type) || !types.TryTake(out var bits))
                return false;
            var offset = (int)((hasBitFields ? bits & 0xffffff : bits) / 8);
            foreach (var place in _open)
            {
                if (name == 0)
                    _places.Add(new((int)type, place.Offset + offset, place.Wish));
                else if (name == place.Wish.MemberAt)
                    _ = Found.TryAdd(place.Wish.Name, place.Offset + offset);
            }
        }

        return true;
    }

    /// <summary>
    /// Returns the bytes after the three words of a type; more than every section for an unknown kind.
    /// </summary>
    static long LengthAfter(int kind, int count) =>
        kind switch
        {
            Int or Variable or Tag => 4,
            Array => 12,
            Struct or Union or Section or Enum64 => 12L * count,
            Enum or Prototype => 8L * count,
            0 or > Enum64 => long.MaxValue,
            _ => 0,
        };

    /// <summary>A type in which a member is searched.</summary>
    /// <param name="Type">The number of the type.</param>
    /// <param name="Offset">Its offset in the structure of the wish.</param>
    /// <param name="Wish">The wish.</param>
    sealed record Place(int Type, int Offset, Wish Wish);

    /// <summary>A fact that is searched, and the offsets of its names.</summary>
    /// <param name="name">The name of a type definition or function, "struct structure", or "structure.member".</param>
    sealed class Wish(string name)
    {
        const string Structure = "struct ";

        public string Name => name;

        public bool IsStructure { get; } = name.StartsWith(Structure, StringComparison.Ordinal);

        public byte[] Type { get; } =
            Encoding.ASCII.GetBytes(name.Split('.')[0].Replace(Structure, "", StringComparison.Ordinal));

        public byte[] Member { get; } = Encoding.ASCII.GetBytes(name.Contains('.') ? name.Split('.')[1] : "");

        public uint TypeAt { get; set; } = uint.MaxValue;

        public uint MemberAt { get; set; } = uint.MaxValue;
    }
}
