using System.Collections.Immutable;
using System.Text;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Processes;

namespace OpenClaw.Exporter.Tests;

/// <summary>Machines on which cgroups do not show the owner of a full resource.</summary>
public class UnknownOwnerTests
{
    const string Unknown = "unknown: no cgroup2 hierarchy is mounted here";
    const string OnlyVersion1 = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n";

    [Theory]
    [InlineData("ephemeral_connect_ports")]
    [InlineData("process_file_descriptors")]
    public async Task Without_cgroup2_text_page_and_json_tell_that_the_owner_is_unknown(string pool)
    {
        using var machine = new FilledMachine();
        machine.Write("self/mounts", OnlyVersion1);
        Fill(machine, pool);

        var diagnosis = await machine.DiagnoseAsync();

        Assert.Equal(Unknown, OwnerOf(diagnosis, pool));
        Assert.Contains(
            "<strong>owner unknown</strong> <span>no cgroup2 hierarchy is mounted here</span>",
            new StatusPage(diagnosis).Render(),
            StringComparison.Ordinal
        );
        Assert.Contains(Unknown, Text(diagnosis), StringComparison.Ordinal);
        Assert.Equal(
            Unknown,
            Assert.Single(DiagnosisDocument.From(diagnosis).Problems, problem => problem.Pool == pool).Owner
        );
    }

    [Fact]
    public async Task An_unknown_owner_makes_no_pool_unknown()
    {
        using var machine = new FilledMachine();
        machine.Fill("ephemeral_connect_ports", 1);
        var mounted = await machine.DiagnoseAsync();
        machine.Write("self/mounts", OnlyVersion1);

        var diagnosis = await machine.DiagnoseAsync();

        Assert.Equal(Conditions(mounted), Conditions(diagnosis));
        Assert.Empty(diagnosis.Failures.Where(static failure => failure.Why.IsUnseen));

        static IEnumerable<(string Name, PoolCondition Condition)> Conditions(Diagnosis diagnosis) =>
            diagnosis
                .Pools.Where(static state => state.Pool != PoolCatalogue.DaemonConnections)
                .Select(static state => (state.Pool.Name, state.Condition));
    }

    [Fact]
    public async Task Where_cgroup2_is_mounted_nothing_is_said_about_an_owner_that_it_does_not_show()
    {
        using var machine = new FilledMachine();
        machine.Fill("ephemeral_connect_ports", 1);

        Assert.Equal("", OwnerOf(await machine.DiagnoseAsync(), "ephemeral_connect_ports"));
    }

    /// <summary>systemd puts services into cgroups of version 1 as well.</summary>
    [Fact]
    public async Task Without_cgroup2_the_cgroups_of_version_1_show_the_owner_of_a_process()
    {
        using var machine = new FilledMachine();
        machine.Write("self/mounts", OnlyVersion1);
        machine.Write("12/cgroup", "9:cpuset:/\n8:pids:/system.slice/openclaw.service\n1:name=systemd:/\n");
        Fill(machine, "process_file_descriptors");

        var diagnosis = await machine.DiagnoseAsync();

        Assert.Equal("cgroup /system.slice/openclaw.service", OwnerOf(diagnosis, "process_file_descriptors"));
    }

    [Theory]
    [InlineData("9:cpuset:/\n8:pids:/system.slice/a.service\n", "/system.slice/a.service")]
    [InlineData("9:pids:/a\n0::/b\n", "/b")]
    [InlineData("9:pids:/\n", "/")]
    [InlineData("", "")]
    public void The_cgroup_is_that_of_version_2_or_the_first_below_the_root(string text, string cgroup) =>
        Assert.Equal(cgroup, ProcessOwner.Parse(Encoding.UTF8.GetBytes(text)).Value.Cgroup);

    /// <summary>The line to keep a change is that of the program that makes the network namespace.</summary>
    [Theory]
    [InlineData("/system.slice/docker-ID.scope", "docker", "--sysctl of docker run, or sysctls: of the service")]
    [InlineData("/docker/ID", "docker", "--sysctl of docker run")]
    [InlineData("/machine.slice/libpod-ID.scope/container", "podman", "--sysctl of podman run, or Sysctl= in its")]
    [InlineData("/system.slice/containerd.service/default/ID", "", "the sysctls in the settings of the container")]
    [InlineData("/kubepods/burstable/podPOD/ID", "", "securityContext.sysctls of the pod")]
    [InlineData("/kubepods.slice/kubepods-podPOD.slice/cri-containerd-ID.scope", "", "securityContext.sysctls of the")]
    [InlineData("/system.slice/shop.service", "", "ExecStartPre= of shop.service, with sysctl -w")]
    [InlineData(
        "/user.slice/user-7.slice/user@7.service/app.slice",
        "",
        "the settings that create this network namesp"
    )]
    [InlineData("/", "", "the settings that create this network namesp")]
    public void A_change_is_kept_by_who_makes_the_namespace(string cgroup, string engine, string place)
    {
        var path = cgroup
            .Replace("ID", new string('b', 64), StringComparison.Ordinal)
            .Replace("POD", "4d4a3a53-0000-4000-8000-000000000000", StringComparison.Ordinal);
        var owner = ProcessOwner.Parse(Encoding.UTF8.GetBytes($"0::{path}\n")).Value;

        var remedy = Remedy.Sysctl("Raise it.", "net.core.somaxconn", "4096").InChild(owner);

        Assert.Equal(engine, owner.Engine);
        Assert.StartsWith(place, remedy.File, StringComparison.Ordinal);
    }

    /// <summary>The place names a container, too, where a file of its engine names it.</summary>
    [Theory]
    [InlineData("/docker/ID", "web", "", "--sysctl of docker run of container web")]
    [InlineData("/docker/ID", "web", "/srv/c.yml", "sysctls: of service shop in the compose file /srv/c.yml")]
    [InlineData(
        "/docker/ID",
        "web",
        "/a.yml,/b.yml",
        "sysctls: of service shop in the compose files /a.yml and /b.yml"
    )]
    [InlineData("/machine.slice/libpod-ID.scope", "web", "", "--sysctl of podman run of container web")]
    [InlineData(
        "/system.slice/web.service/libpod-payload-ID",
        "web",
        "",
        "Sysctl= in the .container file of web.service"
    )]
    [InlineData("/kubepods/burstable/podPOD/ID", "pod", "", "securityContext.sysctls of the pod shop/web-0")]
    public void A_change_is_kept_by_the_program_that_made_a_named_container(
        string cgroup,
        string name,
        string compose,
        string place
    )
    {
        var id = new string('b', 64);
        var owner = ProcessOwner.FromPath(
            cgroup
                .Replace("ID", id, StringComparison.Ordinal)
                .Replace("POD", "4d4a3a53-0000-4000-8000-000000000000", StringComparison.Ordinal)
        );
        var labels = new Dictionary<string, string>();
        if (compose.Length > 0)
        {
            labels.Add("com.docker.compose.service", "shop");
            labels.Add("com.docker.compose.project.config_files", compose);
        }

        var container = new Container(id, "")
        {
            Name = name,
            Pod = name == "pod" ? new("shop", "web-0") : null,
            Labels = labels.ToImmutableDictionary(),
        };

        var remedy = Remedy.Sysctl("Raise it.", "net.core.somaxconn", "4096").InChild(owner, container);

        Assert.Equal(place, remedy.File);
    }

    /// <summary>Fills a pool. The process is a watched one, since others' cgroups are not read.</summary>
    static void Fill(FilledMachine machine, string pool)
    {
        if (pool == "process_file_descriptors")
            machine.AddProcess(12, "gateway", "openclaw\0", 100, "100");
        else
            machine.Fill(pool, 1);
    }

    static string OwnerOf(Diagnosis diagnosis, string pool) =>
        Assert.Single(diagnosis.Problems, problem => problem.Name == pool).Owner;

    static string Text(Diagnosis diagnosis)
    {
        using var text = new StringWriter();
        new DiagnosisPrinter(text, inColour: false).PrintDiagnosis(diagnosis);
        return string.Join(' ', text.ToString().Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }
}
