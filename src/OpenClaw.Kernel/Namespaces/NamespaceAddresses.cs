using System.Buffers;
using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>
/// Reads the addresses of network namespaces from files below /proc/PID/net, without entering them. They are kept for a
/// minute, and only some are read at once: a machine may have thousands of namespaces.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="clock">The clock.</param>
sealed class NamespaceAddresses(ProcMount proc, TimeProvider clock)
{
    /// <summary>The limit on namespaces that are read in one snapshot. Each takes about 50 µs.</summary>
    const int ReadAtOnce = 20;

    /// <summary>The limit on lines of a routing table, and so on addresses.</summary>
    const int LinesAtMost = 2000;

    static readonly TimeSpan KeptAtMost = TimeSpan.FromMinutes(1);

    Dictionary<FileIdentity, Known> _known = [];
    Dictionary<FileIdentity, Known> _next = [];
    int _read;

    static ReadOnlySpan<byte> Leaf => "|-- "u8;

    /// <summary>Begins a snapshot: namespaces that the last one did not have are forgotten.</summary>
    public void Begin() => (_known, _next, _read) = (_next, [], 0);

    /// <summary>
    /// Returns the addresses of a namespace without loopback; none where they are not known or not read yet.
    /// </summary>
    public ImmutableArray<SocketAddress> Read(FileIdentity netns, ImmutableArray<int> pids, Deadline deadline)
    {
        var isKnown = _known.TryGetValue(netns, out var known);
        var isFresh = isKnown && clock.GetElapsedTime(known!.At) < KeptAtMost;
        if (!isFresh && !pids.IsEmpty && _read < ReadAtOnce && !deadline.HasPassed)
        {
            _read++;
            known = new(clock.GetTimestamp(), Read(proc.AsSeenBy(pids[0]), deadline));
        }

        if (known is null)
            return [];
        _next[netns] = known;
        return known.Addresses;
    }

    static ImmutableArray<SocketAddress> Read(ProcMount proc, Deadline deadline)
    {
        var addresses = new HashSet<SocketAddress>();
        SocketAddress? leaf = null;

        // A leaf's address is followed by its routes, such as "/32 host LOCAL" (fib_trie_seq_show).
        _ = KernelLines.Read(proc, "thread-self/net/fib_trie", deadline, (number, line) =>
        {
            if (line.IndexOf(Leaf) is >= 0 and var at)
            {
                leaf = System.Net.IPAddress.TryParse(KernelText.Decode(line[(at + Leaf.Length)..]), out var address)
                    ? SocketAddress.FromIPv4(address.GetAddressBytes())
                    : null;
            }
            else if (leaf is { IsLoopback: false } local && line.EndsWith("host LOCAL"u8))
            {
                _ = addresses.Add(local);
            }

            return number < LinesAtMost;
        });
        _ = KernelLines.Read(proc, "thread-self/net/if_inet6", deadline, (number, line) =>
        {
            Span<byte> bytes = stackalloc byte[16];
            if (
                KernelText.TryTakeWord(ref line, out var digits)
                && Convert.FromHexString(KernelText.Decode(digits), bytes, out _, out var length)
                    == OperationStatus.Done
                && length == bytes.Length
                && SocketAddress.FromIPv6(bytes) is { IsLoopback: false } address
            )
            {
                _ = addresses.Add(address);
            }

            return number < LinesAtMost;
        });
        return [.. addresses];
    }

    /// <summary>The addresses of a namespace.</summary>
    /// <param name="At">The time at which they were read, as a timestamp of the clock.</param>
    /// <param name="Addresses">The addresses.</param>
    sealed record Known(long At, ImmutableArray<SocketAddress> Addresses);
}
