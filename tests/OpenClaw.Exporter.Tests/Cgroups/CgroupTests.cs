using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

public class CgroupTests
{
    [Theory]
    [InlineData("cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n", "/sys/fs/cgroup")]
    [InlineData(
        "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw 0 0\ncgroup2 "
            + "/sys/fs/cgroup/unified cgroup2 rw 0 0\n",
        "/sys/fs/cgroup/unified"
    )]
    [InlineData("none /mnt/a\\040\\134b cgroup2 rw 0 0\n", "/mnt/a \\b")]
    public void The_mount_is_found_by_its_type(string mounts, string path) =>
        Assert.Equal(path, CgroupMount.Parse(Encoding.UTF8.GetBytes(mounts)).Value);

    [Theory]
    [InlineData("")]
    [InlineData("cgroup2\n")]
    [InlineData("cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\ncgroup2 /not/it tmpfs rw 0 0\n")]
    public void Without_version_2_there_is_none(string mounts) =>
        Assert.Equal(Absence.NotPresent, CgroupMount.Parse(Encoding.UTF8.GetBytes(mounts)).Missing?.Reason);

    /// <summary>
    /// Simulates a container with the machine's sysfs mounted: its own sysfs shows only its own cgroup.
    /// </summary>
    [Theory]
    [InlineData("fs/cgroup")]
    [InlineData("fs/cgroup/unified")]
    public async Task Below_another_sysfs_the_hierarchy_is_looked_for_there(string hierarchy)
    {
        using var proc = new FixtureProc();
        using var folder = new TemporaryFolder();
        folder.Write($"{hierarchy}/cgroup.controllers", "cpu memory\n");
        folder.Write($"{hierarchy}/kubepods/pod1/cgroup.procs", "");
        var pod = FileIdentity.Read(folder.PathOf($"{hierarchy}/kubepods/pod1")).Value.Inode;
        var readers = KernelReaders.All(
            new ProcMount(proc.Root),
            new Regex("openclaw"),
            10,
            proc.Root,
            _ => new FakeKernel(
                (_, _) =>
                    [
                        FakeKernel.Socket(TcpState.Established, "10.0.0.1:1", "10.0.0.2:443", cgroup: pod),
                        FakeKernel.Done(),
                    ]
            ),
            null,
            folder.PathOf("")
        );

        var snapshot = await new Sampler(
            [.. readers.Where(static reader => reader.Name is "tcp_sockets" or "cgroup_paths")],
            TimeProvider.System
        ).SampleAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("/kubepods/pod1", snapshot.Get<CgroupPaths>().Value.ById[pod]);
    }

    [Fact]
    public void Another_sysfs_without_a_hierarchy_is_said()
    {
        using var folder = new TemporaryFolder();

        Assert.Contains(
            "fs/cgroup/unified: no cgroup.controllers",
            CgroupMount.Find(new ProcMount(), folder.PathOf("")).Missing?.Detail,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Cgroups_beyond_a_thousand_are_counted_together_and_nothing_is_lost()
    {
        var fold = new SocketFold(isTcp: true, worst: 10);
        fold.Restart(null);
        for (var i = 1; i <= 3000; i++)
        {
            var count = i == 700 ? 5 : 1;
            for (var j = 0; j < count; j++)
            {
                Assert.True(
                    fold.TryAdd(
                        FakeKernel
                            .Socket(
                                TcpState.Established,
                                $"10.0.0.1:{i}",
                                "10.0.0.2:443",
                                isIPv6Only: null,
                                cgroup: (ulong)i
                            )
                            .AsSpan(16)
                    )
                );
            }
        }

        var (cgroups, others) = fold.ToCgroups();

        Assert.Equal(1024, cgroups.Length);
        Assert.Equal((700ul, 5), (cgroups[0].Id, cgroups[0].Established));
        Assert.Equal(3004, cgroups.Sum(static cgroup => cgroup.Established) + others.Established);
    }

    [Fact]
    public async Task A_walk_that_the_time_ended_is_done_again()
    {
        using var proc = new FixtureProc();
        var directory = Directory.CreateDirectory(Path.Combine(proc.Root, "cgroup", "system.slice"));
        var id = FileIdentity.Read(directory.FullName).Value.Inode;
        var sockets = (
            await new Sampler(
                [
                    SocketReaders.Tcp(
                        new ProcMount(proc.Root),
                        _ => new FakeKernel(
                            (_, _) =>
                                [
                                    FakeKernel.Socket(
                                        TcpState.Established,
                                        "10.0.0.1:40000",
                                        "10.0.0.2:443",
                                        cgroup: id
                                    ),
                                    FakeKernel.Done(),
                                ]
                        ),
                        10
                    ),
                ],
                TimeProvider.System
            ).SampleAsync(TimeSpan.FromSeconds(10))
        ).Get<TcpSockets>();
        ImmutableArray<Reader> readers =
        [
            new FunctionReader<TcpSockets>("tcp_sockets", "", _ => sockets),
            new CgroupPathsReader(new ProcMount(proc.Root), 10),
        ];

        CgroupPaths Look(TimeSpan time) => SamplingPass.Read<CgroupPaths>(readers, Deadline.After(time)).Value;

        Assert.Empty(Look(TimeSpan.Zero).ById);
        Assert.Equal("/system.slice", Look(TimeSpan.FromSeconds(10)).ById[id]);
    }

    [Fact]
    public void Where_the_kernel_names_no_cgroup_it_is_0_and_a_closing_socket_has_none()
    {
        var fold = new SocketFold(isTcp: true, worst: 10);
        fold.Restart(null);
        foreach (var state in new[] { TcpState.CloseWait, TcpState.TimeWait, TcpState.LastAck })
            Assert.True(fold.TryAdd(FakeKernel.Socket(state, "10.0.0.1:40000", "10.0.0.2:443").AsSpan(16)));

        var cgroup = Assert.Single(fold.ToCgroups().Cgroups);
        Assert.Equal((0ul, 1, 1), (cgroup.Id, cgroup.CloseWait, cgroup.Total));
    }
}
