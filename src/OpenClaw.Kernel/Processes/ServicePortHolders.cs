using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>The sockets that hold ports of known services although no listener has these ports.</summary>
/// <param name="Sockets">The sockets, each with its process; null for a process that is unknown, or where there is
/// none.</param>
/// <param name="Listening">The ports of known services that a listener has.</param>
public sealed record ServicePortHolders(
    ImmutableArray<(ServicePortSocket Socket, SocketProcess? Process)> Sockets,
    ImmutableArray<ushort> Listening
) : IPerNamespace;

/// <summary>A process that has a socket open.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="Name">The name of the process.</param>
public sealed record SocketProcess(int Pid, string Name);

/// <summary>
/// Finds the processes of sockets at the ports of known services. It walks the processes only where a service without
/// a listener has a socket at its port, which is rare.
/// </summary>
sealed class ServicePortHoldersReader(ProcMount proc)
    : Reader<ServicePortHolders>("service_port_holders", "inet_diag, /proc/PID/fd/*")
{
    public override ImmutableArray<Type> Needs { get; init; } = [typeof(TcpSockets)];

    protected override Reading<ServicePortHolders> Read(SamplingPass sampling) =>
        sampling
            .Get<TcpSockets>()
            .Select(tcp =>
            {
                ImmutableArray<ushort> listening =
                [
                    .. tcp
                        .AtServicePorts.Where(static socket => socket.State == TcpState.Listen)
                        .Select(static socket => socket.Port)
                        .Distinct(),
                ];
                var holders = tcp.AtServicePorts.Where(socket => !listening.Contains(socket.Port)).ToList();
                var processes = Find([.. holders.Select(static socket => socket.Inode)], sampling.Deadline);
                return new ServicePortHolders(
                    [.. holders.Select(socket => (socket, processes.GetValueOrDefault(socket.Inode)))],
                    listening
                );
            });

    /// <summary>Finds the processes of sockets by their inodes. Sockets that may not be seen have none.</summary>
    Dictionary<ulong, SocketProcess> Find(HashSet<ulong> inodes, Deadline deadline)
    {
        var found = new Dictionary<ulong, SocketProcess>();
        inodes.Remove(0);
        if (inodes.Count == 0 || !proc.Processes().TryGet(out var processes))
            return found;
        foreach (var (pid, _) in processes)
        {
            if (inodes.Count == 0 || deadline.HasPassed)
                break;
            foreach (var inode in DescriptorLinks.FindSockets(proc, $"{pid}/fd", inodes))
            {
                inodes.Remove(inode);
                found[inode] = new(pid, ProcessName.Read(proc, pid).TryGet(out var name) ? name.Name : "");
            }
        }

        return found;
    }
}
