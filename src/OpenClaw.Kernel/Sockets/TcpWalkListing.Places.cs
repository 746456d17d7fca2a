using OpenClaw.Kernel.Bpf;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;
using static OpenClaw.Kernel.Sockets.TcpWalkLayout;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// The part for machines with many network namespaces, which share one hash. The first walk notes the places of the
/// sockets of each other namespace. The next walks pass only these.
/// </summary>
sealed partial class TcpWalkListing
{
    /// <summary>A namespace may have a hash of its own (net.ipv4.tcp_child_ehash_entries).</summary>
    void ForgetPlacesOfAnotherHash()
    {
        // if (walk.hash != table) walk.known = 0; walk.hash = table;
        _code.Load(U64, R1, R10, Table);
        _code.Load(U64, R2, R8, HashAt);
        _code.JumpIf(R1, BpfCompare.Equal, R2, "same_hash");
        _code.Store(U64, R8, KnownAt, 0);
        _code.Label("same_hash");
        _code.Store(U64, R8, HashAt, R1);
    }

    /// <summary>Goes to the next place with a socket, where these are known. R3 is the place, and stays it.</summary>
    void FindPlace()
    {
        // if (!walk.known) goto pass; u64 word = walk.places[(place & 0xffff) / 64] >> place % 64;
        _code.Load(U64, R1, R8, KnownAt);
        _code.JumpIf(R1, BpfCompare.Equal, 0, "pass");
        _code.Move(R1, R3);
        _code.And(R1, 0xffff);
        _code.ShiftRight(R1, 6);
        _code.ShiftLeft(R1, 3);
        _code.Add(R1, R8);
        _code.Load(U64, R1, R1, PlacesAt);
        _code.Move(R4, R3);
        _code.And(R4, 63);
        _code.ShiftRight(R1, R4);

        // if (!word) { place = (place / 64 + 1) * 64; node = 2 * place - 1; continue; }
        _code.JumpIf(R1, BpfCompare.NotEqual, 0, "in_word");
        _code.ShiftRight(R3, 6);
        _code.Add(R3, 1);
        _code.ShiftLeft(R3, 6);
        _code.Store(U64, R8, PlaceAt, R3);
        _code.ShiftLeft(R3, 1);
        _code.Add(R3, -1);
        _code.Store(U64, R8, NodeAt, R3);
        _code.Jump("out");

        // place += count_trailing_zeros(word); goto last;
        _code.Label("in_word");
        for (var bits = 32; bits > 0; bits /= 2)
        {
            _code.Move(R2, R1);
            _code.ShiftLeft(R2, 64 - bits);
            _code.JumpIf(R2, BpfCompare.NotEqual, 0, $"in_{bits}");
            _code.ShiftRight(R1, bits);
            _code.Add(R3, bits);
            _code.Label($"in_{bits}");
        }

        _code.Jump("last");
        _code.Label("pass");
    }

    /// <summary>Notes the place of a socket whose namespace is in R1.</summary>
    void NotePlace()
    {
        // other: if (!walk.notes) continue; u64 number = other->ns.inum;
        _code.Label("other");
        _code.Load(U64, R2, R8, NotesAt);
        _code.JumpIf(R2, BpfCompare.Equal, 0, "out");
        _code.Load(U32, R1, R1, facts["net.ns"] + facts["ns_common.inum"]);
        _code.Store(U64, R10, Number, R1);

        // set(places[number], place - 1); continue; unnoted: walk.unnoted++; continue;
        _code.FindOrInsert(maps.Places, Number, R8, ZeroesAt, "unnoted");
        _code.Load(U64, R9, R8, PlaceAt);
        _code.Add(R9, -1);
        _code.And(R9, 0xffff);
        _code.FindBit(R0, R9);
        _code.SetBit(0);
        _code.Jump("out");
        _code.Label("unnoted");
        _code.Increase(R8, UnnotedAt);
        _code.Jump("out");
    }
}
