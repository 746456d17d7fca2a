using System.Runtime.CompilerServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Links;

/// <summary>Reads every network interface of the namespace in one dump.</summary>
sealed class NetworkInterfacesReader(Func<TimeSpan, Reading<INetlinkTransport>> open)
    : Reader<NetworkInterfaces>("network_interfaces", "rtnetlink, RTM_GETLINK")
{
    protected override Reading<NetworkInterfaces> Read(SamplingPass sampling) => Read(open, sampling.Deadline);

    /// <summary>Reads the interfaces of the calling thread's network namespace.</summary>
    /// <param name="open">Opens a socket of rtnetlink with a receive timeout.</param>
    /// <param name="deadline">The deadline of the answer.</param>
    public static Reading<NetworkInterfaces> Read(Func<TimeSpan, Reading<INetlinkTransport>> open, Deadline deadline) =>
        open(deadline.Remaining)
            .Then(transport =>
            {
                using (transport as IDisposable)
                {
                    // Without the traffic counters, the message of an interface has a third of the length.
                    var request = new LinuxIfLink.ifinfomsg_ext_mask
                    {
                        attribute = new()
                        {
                            nla_len = (ushort)(Unsafe.SizeOf<LinuxNetlink.nlattr>() + sizeof(uint)),
                            nla_type = LinuxIfLink.IFLA_EXT_MASK,
                        },
                        ext_mask = LinuxRtnetlink.RTEXT_FILTER_SKIP_STATS,
                    };
                    return new NetlinkDump(transport, "rtnetlink, RTM_GETLINK")
                        .RunUndisturbed(
                            LinuxRtnetlink.RTM_GETLINK,
                            request,
                            static () => new NetworkInterfaceFold(),
                            deadline
                        )
                        .Select(static fold => fold.ToNetworkInterfaces());
                }
            });
}
