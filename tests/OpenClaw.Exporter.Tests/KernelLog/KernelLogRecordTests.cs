using System.Text;
using OpenClaw.Kernel.KernelLog;

namespace OpenClaw.Exporter.Tests;

public class KernelLogRecordTests
{
    [Theory]
    [InlineData("4,1,5,-;nf_conntrack: nf_conntrack: table full, dropping packet\n", KernelLogKind.ConntrackTableFull)]
    [InlineData(
        "4,1,5,-;nf_conntrack: nf_conntrack: table full in netns 4026532249, dropping packet\n",
        KernelLogKind.ConntrackTableFull
    )]
    [InlineData("4,1,5,-;nf_conntrack: table full, dropping packet.\n", KernelLogKind.ConntrackTableFull)]
    [InlineData("6,1,5,-;neighbour: arp_cache: neighbor table overflow!\n", KernelLogKind.NeighbourTableOverflow)]
    [InlineData("6,1,5,-;neighbour: ndisc_cache: neighbor table overflow!\n", KernelLogKind.NeighbourTableOverflow)]
    [InlineData("6,1,5,-;ipv4: Neighbour table overflow.\n", KernelLogKind.NeighbourTableOverflow)]
    [InlineData("6,1,5,-;TCP: out of memory -- consider tuning tcp_mem\n", KernelLogKind.TcpOutOfMemory)]
    [InlineData("6,1,5,-;TCP: too many orphaned sockets\n", KernelLogKind.TooManyOrphans)]
    [InlineData("6,1,5,-;TCP: time wait bucket table overflow\n", KernelLogKind.TimeWaitTableOverflow)]
    [InlineData(
        "6,1021,5070375486,-;TCP: request_sock_TCP: Possible SYN flooding on port 127.0.0.1:8081. Sending cookies.\n",
        KernelLogKind.SynFlooding
    )]
    [InlineData(
        "6,1,5,-;TCP: request_sock_TCPv6: Possible SYN flooding on port [::]:80. Dropping request.\n",
        KernelLogKind.SynFlooding
    )]
    [InlineData("6,1,5,-;VFS: file-max limit 9830 reached\n", KernelLogKind.FileMaxReached)]
    public void Each_message_of_the_kernel_is_known(string text, KernelLogKind kind)
    {
        Assert.True(KernelLogRecord.TryParse(Encoding.UTF8.GetBytes(text), out var record));
        Assert.Equal(kind, record.Kind);
    }

    [Fact]
    public void A_record_has_its_time_and_the_namespace_it_names()
    {
        Assert.True(
            KernelLogRecord.TryParse(
                "4,812,5070375486,-,caller=T1;nf_conntrack: nf_conntrack: table full in netns 4026532249, "u8
                    + "dropping packet\n SUBSYSTEM=net\n"u8,
                out var record
            )
        );
        Assert.Equal(TimeSpan.FromMicroseconds(5070375486), record.Uptime);
        Assert.Equal(4026532249UL, record.NetworkNamespace);
    }

    /// <summary>The three forms of tcp_syn_flood_action, and text that is no address.</summary>
    [Theory]
    [InlineData("10.9.0.1:8443. Dropping request.", "10.9.0.1:8443")]
    [InlineData("[fd00::1]:80. Sending cookies.", "[fd00::1]:80")]
    [InlineData("8081. Sending cookies.  Check SNMP counters.", "port 8081")]
    [InlineData("10.9.0.1. Dropping request.", "")]
    [InlineData("a\e[31m:1. Dropping request.", "")]
    [InlineData("", "")]
    public void A_flood_names_its_listener(string end, string listener)
    {
        Assert.True(
            KernelLogRecord.TryParse(
                Encoding.UTF8.GetBytes($"6,1,5,-;TCP: request_sock_TCP: Possible SYN flooding on port {end}\n"),
                out var record
            )
        );
        Assert.Equal(listener, record.Listener);
    }

    [Theory]
    [InlineData("14,1,5,-;TCP: too many orphaned sockets\n")] // Facility 1: written by a process.
    [InlineData("6,1,5,-;docker0: port 1 entered disabled state\n")]
    [InlineData("6,1,5,-;a device\n SUBSYSTEM=TCP: too many orphaned sockets\n")]
    [InlineData("6,1,5;TCP: too many orphaned sockets\n")]
    [InlineData("6,1,99999999999999999999,-;TCP: too many orphaned sockets\n")]
    [InlineData("6,1,18446744073709551615,-;TCP: too many orphaned sockets\n")]
    [InlineData("TCP: too many orphaned sockets\n")]
    [InlineData(";\n")]
    [InlineData("")]
    public void Anything_else_is_not(string text) =>
        Assert.False(KernelLogRecord.TryParse(Encoding.UTF8.GetBytes(text), out _));
}
