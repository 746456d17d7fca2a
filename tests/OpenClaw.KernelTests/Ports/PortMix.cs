using System.Net;
using CsCheck;

namespace OpenClaw.KernelTests;

/// <summary>An action on the ports of a namespace.</summary>
/// <param name="Kind">The kind of action.</param>
/// <param name="Address">The index of its address in <see cref="PortMix.BindAddresses"/>.</param>
/// <param name="Destination">The index of its destination in <see cref="PortMix.Destinations"/>.</param>
/// <param name="Mapped">True where an IPv4 address is used through an IPv6 socket.</param>
/// <param name="Count">The number of repetitions.</param>
sealed record PortAct(PortActKind Kind, int Address, int Destination, bool Mapped, int Count);

enum PortActKind
{
    Connect,
    ConnectFromAddress,
    BindThenConnect,
    Bind,
    Listen,
    AcceptOnEphemeralPort,
    AcceptThenCloseListener,
    TimeWait,
    TimeWaitAfterBind,
    OrphanedFinWait2,
    UdpBind,
    UdpConnect,
}

/// <summary>A random state of a namespace's ports: its sysctls and the actions in it.</summary>
sealed record PortMix(int RangeSize, int[] Reserved, int Reuse, bool Timestamps, bool Aged, PortAct[] Acts)
{
    public const int FirstPort = 40000;

    /// <summary>The addresses of listeners outside the range.</summary>
    public static IPEndPoint[] Destinations { get; } =
    [
        new(IPAddress.Loopback, 8080),
        new(IPAddress.Loopback, 8081),
        new(IPAddress.Parse("127.0.0.3"), 8080),
        new(IPAddress.IPv6Loopback, 8080),
    ];

    /// <summary>The addresses to bind; the last two refuse IPv4.</summary>
    public static (IPAddress Address, bool IPv6Only)[] BindAddresses { get; } =
    [
        (IPAddress.Loopback, false),
        (IPAddress.Parse("127.0.0.2"), false),
        (IPAddress.Any, false),
        (IPAddress.IPv6Any, false),
        (IPAddress.IPv6Loopback, false),
        (IPAddress.IPv6Any, true),
        (IPAddress.IPv6Loopback, true),
    ];

    static Gen<PortAct> Act { get; } =
        Gen.Select(
            Gen.Enum<PortActKind>(),
            Gen.Int[0, BindAddresses.Length - 1],
            Gen.Int[0, Destinations.Length - 1],
            Gen.Bool,
            Gen.Int[1, 12],
            static (kind, address, destination, mapped, count) => new PortAct(kind, address, destination, mapped, count)
        );

    public static Gen<PortMix> Any { get; } =
        Gen.Select(
            Gen.Frequency(
                (8, Gen.Int[1, 20].Select(static half => half * 2)),
                (2, Gen.Int[0, 19].Select(static half => (half * 2) + 1))
            ),
            Gen.Int[0, 39].Array[0, 8],
            Gen.Int[0, 2],
            Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))),
            Gen.Bool,
            Act.Array[0, 8],
            static (size, reserved, reuse, timestamps, aged, acts) =>
                new PortMix(size, reserved, reuse, timestamps, aged, acts)
        );

    public override string ToString() =>
        $"range {RangeSize}, reserved [{string.Join(' ', Reserved)}], reuse {Reuse}, timestamps {Timestamps}, "
        + $"aged {Aged}\n  "
        + string.Join(
            "\n  ",
            Acts.Select(static act =>
                $"{act.Count} x {act.Kind} address {BindAddresses[act.Address]} destination "
                + $"{Destinations[act.Destination]}{(act.Mapped ? " mapped" : "")}"
            )
        );
}
