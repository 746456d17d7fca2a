using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Containers and pods by the files that Docker, Podman and the kubelet keep of them.</summary>
public sealed partial class ContainerFilesTests : IDisposable
{
    const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const string Uid = "4d4a3a53-0000-4000-8000-000000000000";

    readonly FixtureProc _proc = new();
    readonly TemporaryFolder _root = new();
    readonly SteppedClock _clock = new();
    readonly ContainerFiles _files;
    ProcessTable _table = new([]);

    public ContainerFilesTests() => _files = new(new(_proc.Root), _root.PathOf(""), _clock);

    public void Dispose()
    {
        _root.Dispose();
        _proc.Dispose();
    }

    [Theory]
    [InlineData("/system.slice/docker-ID.scope")]
    [InlineData("/docker/ID")]
    public void Docker_names_its_container(string cgroup)
    {
        WriteDocker("web");

        var container = Find(cgroup).Value;

        Assert.Equal(("web", "docker"), (container.Name, container.Engine));
        Assert.Null(container.Compose);
        Assert.Equal("container web (0123456789ab)", ContainerWords.Describe(Id, container));
    }

    [Fact]
    public void Labels_tell_the_service_of_Compose()
    {
        WriteDocker(
            "shop-web-1",
            labels: """
            "com.docker.compose.project": "shop", "com.docker.compose.service": "web", "other": "x",
            "com.docker.compose.project.config_files": "/srv/compose.yml,/srv/more.yml",
            "com.docker.compose.project.working_dir": "/srv"
            """
        );

        var service = Find("/docker/ID").Value.Compose;

        Assert.NotNull(service);
        Assert.Equal(("web", "shop", "/srv"), (service.Name, service.Project, service.Folder));
        Assert.Equal(["/srv/compose.yml", "/srv/more.yml"], service.Files);
    }

    /// <summary>Compose gives an image that it builds these two labels, and each container inherits them.</summary>
    [Fact]
    public void A_container_of_an_image_that_Compose_built_is_no_service()
    {
        WriteDocker("copy", labels: """ "com.docker.compose.project": "shop", "com.docker.compose.service": "web" """);

        Assert.Null(Find("/docker/ID").Value.Compose);
    }

    [Fact]
    public void A_renamed_container_has_its_new_name()
    {
        WriteDocker("old");
        Assert.Equal("old", Find("/docker/ID").Value.Name);

        WriteDocker("new");

        Assert.Equal("new", Find("/docker/ID").Value.Name);
    }

    [Theory]
    [InlineData("overlay-containers/containers.json")]
    [InlineData("vfs-containers/volatile-containers.json")]
    public void Podman_names_its_container_and_sees_a_new_name(string list)
    {
        var path = $"var/lib/containers/storage/{list}";
        _root.Write(path, $$"""[{"id":"ffff","names":["x"]},{"id":"{{Id}}","names":["web"],"layer":"l"}]""");
        Assert.Equal("web", Find("/machine.slice/libpod-ID.scope/container").Value.Name);

        Age(path);
        Assert.Equal("web", Find("/machine.slice/libpod-ID.scope/container").Value.Name);
        _root.Write(path, $$"""[{"id":"{{Id}}","names":["shop"]}]""");

        var container = Find("/machine.slice/libpod-ID.scope/container").Value;
        Assert.Equal(("shop", "podman"), (container.Name, container.Engine));
        Assert.Null(container.Labels);
    }

    [Fact]
    public void Engines_without_root_keep_their_files_in_the_home_folder_of_their_user()
    {
        const string slice = "/user.slice/user-1000.slice/user@1000.service/user.slice";
        _root.Write("etc/passwd", "root:x:0:0::/root:/bin/sh\nclaw:x:1000:1000:Claw:/home/claw:/bin/sh\n");
        _root.Write(
            "home/claw/.local/share/containers/storage/overlay-containers/containers.json",
            $$"""[{"id":"{{Id}}","names":["web"]},{"id":"{{new string('c', 64)}}","names":["no"]}]"""
        );
        WriteDocker("db", "home/claw/.local/share/docker", new('b', 64));

        Assert.Equal("web", Find($"{slice}/libpod-ID.scope/container").Value.Name);
        Assert.Equal(
            "db",
            Find($"{slice}/docker-ID.scope".Replace("ID", new('b', 64), StringComparison.Ordinal)).Value.Name
        );
        Assert.Equal(Outcome.None, Find($"/machine.slice/libpod-{new string('c', 64)}.scope").Outcome);
    }

    [Theory]
    [InlineData("/kubepods.slice/kubepods-podUID.slice/cri-containerd-ID.scope")]
    [InlineData("/kubepods/burstable/podUID/ID")]
    [InlineData("/kubepods/burstable/pod0a1b2c3d4e5f60718293a4b5c6d7e8f9/ID")]
    public void The_kubelet_names_containers_and_pods(string cgroup)
    {
        Link($"web-0_shop_app-{Id}.log");

        var container = Find(cgroup).Value;

        Assert.Equal(("app", new Pod("shop", "web-0")), (container.Name, container.Pod));
        Assert.Equal("pod shop/web-0, container app (0123456789ab)", ContainerWords.Describe(Id, container));
    }

    /// <summary>The container that only holds a pod's namespaces has no log.</summary>
    [Fact]
    public void A_container_without_a_log_has_at_least_its_pod()
    {
        Directory.CreateDirectory(_root.PathOf($"var/log/pods/shop_web-0_{Uid}"));

        var container = Find("/kubepods/burstable/podUID/ID").Value;

        Assert.Equal(("", new Pod("shop", "web-0")), (container.Name, container.Pod));
        Assert.Equal("pod shop/web-0, container 0123456789ab", ContainerWords.Describe(Id, container));
    }

    [Theory]
    [InlineData("--data-root\0/data/docker\0")]
    [InlineData("--host\0unix:///x\0--data-root=/data/docker\0")]
    [InlineData("-g\0/data/docker\0")]
    public void The_command_line_of_dockerd_tells_its_folder(string arguments)
    {
        _proc["700/cmdline"] = $"/usr/bin/dockerd\0{arguments}";
        _table = new([new(700, "dockerd", false, 3, new Missing(Absence.NotAsked, ""))]);
        WriteDocker("web", "data/docker");

        Assert.Equal("web", Find("/docker/ID").Value.Name);
    }

    [Fact]
    public void The_settings_of_dockerd_tell_its_folder()
    {
        _root.Write("etc/docker/daemon.json", """{"data-root": "/data/docker"}""");
        WriteDocker("web", "data/docker");

        Assert.Equal("web", Find("/docker/ID").Value.Name);
    }

    /// <summary>A link of the machine begins at the machine's root, not at that of the exporter.</summary>
    [Fact]
    public void A_link_to_the_folder_is_followed_below_the_root_of_the_machine()
    {
        WriteDocker("web", "data/docker");
        Directory.CreateDirectory(_root.PathOf("var/lib"));
        File.CreateSymbolicLink(_root.PathOf("var/lib/docker"), "/data/docker");

        Assert.Equal("web", Find("/docker/ID").Value.Name);
    }

    [Theory]
    [InlineData("not JSON", "line 1: expected JSON")]
    [InlineData("""{"ID":"ffff","Name":"/web"}""", "expected the id of its folder as ID")]
    [InlineData("""{"ID":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}""", "as Name")]
    [InlineData(
        """{"ID":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","Name":"/a b"}""",
        "expected the name of a container as Name"
    )]
    public void A_file_of_another_form_names_nothing(string text, string reason)
    {
        _root.Write(PathOf(), text);

        var found = Find("/docker/ID");

        Assert.Equal(Absence.Malformed, found.Missing?.Reason);
        Assert.StartsWith(_root.PathOf(PathOf()) + ": ", found.Missing!.Detail, StringComparison.Ordinal);
        Assert.EndsWith(reason, found.Missing.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_very_long_file_and_a_FIFO_are_refused()
    {
        WriteDocker("web", labels: $""" "x": "{new string('y', Bounds.FileBytes)}" """);
        Assert.EndsWith("larger than 1048576 bytes", Find("/docker/ID").Missing?.Detail, StringComparison.Ordinal);

        File.Delete(_root.PathOf(PathOf()));
        Assert.Equal(0, MakeFifo(_root.PathOf(PathOf()), 0x1FF));
        Assert.EndsWith("not a regular file", Find("/docker/ID").Missing?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_may_have_hundreds_of_labels()
    {
        var labels = Enumerable.Range(0, 2000).Select(static i => $"\"label{i}\": \"{new string('v', 100)}\"");
        WriteDocker("web", labels: string.Join(',', labels) + ", \"openclaw.sandbox\": \"1\"");

        Assert.Equal(["openclaw.sandbox"], Find("/docker/ID").Value.Labels!.Keys);
    }

    [Fact]
    public void A_folder_that_may_not_be_searched_names_the_right_that_is_missing()
    {
        WriteDocker("web");
        File.SetUnixFileMode(_root.PathOf("var/lib/docker"), UnixFileMode.None);

        var found = Capabilities.Only([], () => Find("/docker/ID"));
        File.SetUnixFileMode(_root.PathOf("var/lib/docker"), (UnixFileMode)0x1C0);

        Assert.Equal(Absence.NotPermitted, found.Missing?.Reason);
        Assert.Contains("mode 0000", found.Missing!.Detail, StringComparison.Ordinal);
        Assert.EndsWith("or with CAP_DAC_READ_SEARCH", found.Missing.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_that_no_file_names_is_searched_again_after_a_while()
    {
        Assert.Equal(Outcome.None, Find("/docker/ID").Outcome);
        WriteDocker("web");
        Assert.Equal(Outcome.None, Find("/docker/ID").Outcome);

        _clock.Advance(ContainerFiles.SearchAgain);

        Assert.Equal("web", Find("/docker/ID").Value.Name);
    }

    [Fact]
    public void A_file_that_did_not_change_is_parsed_once()
    {
        var path = WriteDocker("web");
        Age(PathOf());
        var file = new ParsedFile<Container>(path, static text => EngineFiles.ParseDocker(text, Id));
        for (var i = 0; i < 5; i++)
            Assert.Equal("web", file.Read().Value.Name);
        Assert.Equal(1, file.Count);

        WriteDocker("new");

        Assert.Equal("new", file.Read().Value.Name);
        Assert.Equal(2, file.Count);
    }

    [Fact]
    public void Only_containers_that_hold_something_shown_are_looked_up()
    {
        WriteDocker("web");
        WriteDocker("other", id: new('c', 64));
        var reader = new ContainerNamesReader(_files);
        var owners = ImmutableDictionary<int, ProcessOwner>.Empty.Add(300, OwnerIn("/docker/ID"));
        var watched = new FunctionReader<Kernel.Cgroups.WatchedCgroups>(
            "watched",
            "",
            _ => new Kernel.Cgroups.WatchedCgroups(new Dictionary<int, Reading<ulong>>()) { Owners = owners }
        );

        var names = SamplingPass
            .Run([watched, reader], Deadline.After(TimeSpan.FromSeconds(10)))
            .Get<ContainerNames>()
            .Value;

        Assert.Equal([Id], names.ById.Keys);
        Assert.Equal("web", names.Find(OwnerIn("/docker/ID"))?.Name);
        Assert.Null(names.Find(ProcessOwner.None));
    }

    Reading<Container> Find(string cgroup) => _files.Find(OwnerIn(cgroup), _table);

    static ProcessOwner OwnerIn(string cgroup) =>
        ProcessOwner.FromPath(
            cgroup.Replace("UID", Uid, StringComparison.Ordinal).Replace("ID", Id, StringComparison.Ordinal)
        );

    static string PathOf(string dataRoot = "var/lib/docker", string id = Id) =>
        $"{dataRoot}/containers/{id}/config.v2.json";

    string WriteDocker(string name, string dataRoot = "var/lib/docker", string id = Id, string labels = "") =>
        _root.Write(
            PathOf(dataRoot, id),
            $$"""{"State":{"Running":true},"ID":"{{id}}","Name":"/{{name}}","Config":{"Labels":{ {{labels}} } } }"""
        );

    void Link(string log)
    {
        Directory.CreateDirectory(_root.PathOf("var/log/containers"));
        File.CreateSymbolicLink(_root.PathOf($"var/log/containers/{log}"), "/var/log/pods/0.log");
    }

    /// <summary>Makes a file look as if it had last changed a minute ago.</summary>
    void Age(string path) => File.SetLastWriteTimeUtc(_root.PathOf(path), DateTime.UtcNow.AddMinutes(-1));

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
