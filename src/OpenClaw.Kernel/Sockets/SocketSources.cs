using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>The sources of UDP sockets.</summary>
/// <inheritdoc cref="SocketReaders.Tcp"/>
sealed class UdpSources(
    ProcMount proc,
    Func<TimeSpan, Reading<INetlinkTransport>> open,
    int worst,
    int few = UdpSources.FewSockets
) : SocketSources<UdpSockets>(proc, open, new(isTcp: false, worst))
{
    /// <summary>
    /// The IPv4 sockets of the namespace below which the dump is read. It is as cheap then, and needs no program.
    /// </summary>
    public const int FewSockets = 1000;

    /// <summary>Reads by the program in the kernel where there are many sockets.</summary>
    public Reading<UdpSockets> ReadWalk(string name, Lazy<Reading<UdpWalkProgram>> program, SamplingPass sampling)
    {
        var inUse = sampling.Get<SocketsInUse>().TryGet(out var known) ? known : SocketsInUse.Read(Proc);
        if (!inUse.Counts.TryGet(out var counts) || counts.UdpInUse < few)
            return ReadDump(name, sampling);
        return program.Value.TryGet(out var walk)
            ? Read(sampling, isDump: true, () => walk.Walk(Fold, sampling.Deadline))
            : program.Value.Missing!;
    }

    protected override Missing? Dump(NetlinkDump dump, SamplingPass sampling) =>
        SocketDiag.DumpUdp(dump, Fold, sampling.Deadline);

    protected override Reading<UdpSockets> None(SocketsInUse inUse, Reading<EphemeralPortSettings> settings) =>
        inUse.Udp ? base.None(inUse, settings) : UdpSockets.None(settings);

    protected override UdpSockets Result(Reading<EphemeralPortSettings> settings, bool isDump)
    {
        var count = 0L;
        foreach (var sockets in Fold.States)
            count += sockets;
        return new(count, settings.Select(known => Fold.ToEphemeralPorts(known, sawAll: true)));
    }
}

/// <summary>The sources of the sockets of one protocol: a dump of inet_diag, and files. Both fill one fold.</summary>
/// <param name="proc">The procfs.</param>
/// <param name="open">Opens a netlink socket.</param>
/// <param name="fold">Collects the sockets.</param>
abstract class SocketSources<T>(ProcMount proc, Func<TimeSpan, Reading<INetlinkTransport>> open, SocketFold fold)
{
    static readonly Missing Unlisted = new(Absence.NotAsked, "sockets exist and have to be listed");

    /// <summary>The procfs.</summary>
    protected ProcMount Proc => proc;

    /// <summary>The fold that takes the sockets.</summary>
    protected SocketFold Fold => fold;

    /// <summary>Reads by inet_diag, which a request with this name stands for in messages.</summary>
    public Reading<T> ReadDump(string name, SamplingPass sampling) =>
        Read(sampling, isDump: true, () => Dump(name, sampling));

    /// <summary>Reads the files below /proc/net.</summary>
    public Reading<T> ReadFiles(SamplingPass sampling) =>
        Read(sampling, isDump: false, () => SocketFiles.Read(proc, fold, sampling.Deadline));

    /// <summary>Runs the dump into the fold. Returns null, or the reason why the result is invalid.</summary>
    protected abstract Missing? Dump(NetlinkDump dump, SamplingPass sampling);

    /// <summary>
    /// Returns the value where counts show that there is no socket; missing where there are sockets.
    /// </summary>
    protected virtual Reading<T> None(SocketsInUse inUse, Reading<EphemeralPortSettings> settings) => Unlisted;

    /// <summary>Returns the value of the fold.</summary>
    protected abstract T Result(Reading<EphemeralPortSettings> settings, bool isDump);

    /// <summary>Fills the fold, unless counts show that there is no socket.</summary>
    protected Reading<T> Read(SamplingPass sampling, bool isDump, Func<Missing?> fill)
    {
        var settings = sampling.Get<EphemeralPortSettings>();
        if (sampling.Get<SocketsInUse>().TryGet(out var inUse) && None(inUse, settings).TryGet(out var none))
            return none;
        fold.Restart(settings.TryGet(out var known) ? known : null);
        return fill() is { } failure ? failure : Result(settings, isDump);
    }

    Missing? Dump(string name, SamplingPass sampling) => Dump(name, sampling, dump => Dump(dump, sampling));

    /// <summary>Opens a socket for a dump.</summary>
    protected Missing? Dump(string name, SamplingPass sampling, Func<NetlinkDump, Missing?> run)
    {
        if (sampling.Deadline.HasPassed)
            return new(Absence.TimedOut, $"{name}: deadline passed before the request");
        var opened = open(sampling.Deadline.Remaining);
        if (!opened.TryGet(out var transport))
            return opened.Missing;
        using (transport as IDisposable)
            return run(new NetlinkDump(transport, name));
    }
}
