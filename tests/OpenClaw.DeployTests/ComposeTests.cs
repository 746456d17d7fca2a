using System.Text.RegularExpressions;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace OpenClaw.DeployTests;

/// <summary>Tests deploy/compose: one command starts everything in its place.</summary>
public partial class ComposeTests
{
    const string Folder = "deploy/compose";

    static readonly Compose File = Parse<Compose>($"{Folder}/compose.yml", UnderscoredNamingConvention.Instance);

    static readonly Compose WholeHost = Parse<Compose>(
        $"{Folder}/whole-host.yml",
        UnderscoredNamingConvention.Instance
    );

    /// <summary>The capabilities of an exporter for a whole host; the container tests withhold each in turn.</summary>
    internal static IEnumerable<string> HostCapabilities => File.Services["exporter"].CapAdd.Order();

    [Fact]
    public void Every_image_has_one_version()
    {
        Assert.Equal(["alertmanager", "demo", "exporter", "grafana", "prometheus"], File.Services.Keys.Order());
        Assert.All(File.Services.Values, static service => Assert.Matches(PinnedImage(), service.Image));
        Assert.EndsWith(":" + ProductVersion.Value, File.Services["exporter"].Image, StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(Repository.PathOf($"{Folder}/{File.Services["exporter"].Build}/Dockerfile")));
    }

    [Fact]
    public void Every_file_that_is_mounted_exists_and_is_only_read()
    {
        var mounts = Mounts().ToArray();

        Assert.NotEmpty(mounts);
        Assert.All(mounts, static mount =>
        {
            Assert.True(Path.Exists(mount.Source), mount.Source);
            Assert.Equal("ro", mount.Mode);
        });
        Assert.Equal(
            File.Volumes.Keys.Order(),
            File.Services.Values.SelectMany(static service => service.Volumes)
                .OfType<string>()
                .Select(static text => text.Split(':')[0])
                .Where(static source => !source.StartsWith('.'))
                .Order()
        );
    }

    [Fact]
    public void The_exporter_has_the_profile_of_its_system_calls()
    {
        const string profile = "seccomp=";
        var option = Assert.Single(File.Services["exporter"].SecurityOpt, static option =>
            option.StartsWith(profile, StringComparison.Ordinal)
        );

        Assert.True(System.IO.File.Exists(Repository.PathOf($"{Folder}/{option[profile.Length..]}")), option);
    }

    /// <summary>Docker Desktop has no host network and no shared mounts that containers could use.</summary>
    [Fact]
    public void The_default_needs_nothing_of_a_Linux_host()
    {
        foreach (var service in File.Services.Values)
        {
            Assert.Null(service.NetworkMode);
            Assert.All(service.Ports, static port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
            Assert.All(service.Volumes, static volume => Assert.IsType<string>(volume));
        }

        Assert.Equal(File.Services.Count, File.Services.Values.SelectMany(static one => one.Ports).Distinct().Count());
        Assert.Equal("http://prometheus:9090", File.Services["grafana"].Environment["PROMETHEUS_URL"]);
        var home = File.Services["grafana"].Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
        Assert.True(System.IO.File.Exists(Repository.PathOf("dashboards/" + Path.GetFileName(home))));
    }

    [Fact]
    public void The_demonstration_has_no_privilege_and_starts_only_on_request()
    {
        var demo = File.Services["demo"];

        Assert.Equal(["demo"], demo.Profiles);
        Assert.All(File.Services.Where(static service => service.Key != "demo"), static service =>
            Assert.Empty(service.Value.Profiles)
        );
        Assert.Equal("65534:65534", demo.User);
        Assert.Equal(["ALL"], demo.CapDrop);
        Assert.Empty(demo.CapAdd);
        Assert.True(demo.ReadOnly);
    }

    /// <summary>The override puts every service into the machine's network, where each listens to it alone.</summary>
    [Fact]
    public void On_a_whole_host_nothing_listens_to_other_machines()
    {
        Assert.Equal(File.Services.Keys.Where(static name => name != "demo").Order(), WholeHost.Services.Keys.Order());
        Assert.Equal("http://127.0.0.1:9090", WholeHost.Services["grafana"].Environment["PROMETHEUS_URL"]);
        foreach (var (name, service) in WholeHost.Services)
        {
            Assert.Equal("host", service.NetworkMode);
            Assert.Empty(service.Ports);
            var address =
                name == "grafana"
                    ? service.Environment["GF_SERVER_HTTP_ADDR"]
                    : service
                        .Command.Single(static word =>
                            word.StartsWith("--web.listen-address=", StringComparison.Ordinal)
                        )
                        .Split('=')[1];
            Assert.StartsWith("127.0.0.1", address, StringComparison.Ordinal);
        }
    }

    /// <summary>The files are laid out below a folder as they are mounted in the containers.</summary>
    [Fact]
    public async Task Prometheus_and_Alertmanager_accept_their_configuration()
    {
        using var folder = new TemporaryFolder();
        foreach (var mount in Mounts().Where(static mount => System.IO.File.Exists(mount.Source)))
            folder.Write(mount.Target.TrimStart('/'), System.IO.File.ReadAllText(mount.Source));

        var prometheus = folder.PathOf("etc/prometheus/prometheus.yml");
        var output = await RunProgram.OutputAsync(InstalledProgram.Find("promtool"), "check", "config", prometheus);
        Assert.Contains("1 rule files found", output, StringComparison.Ordinal);
        await RunProgram.OutputAsync(
            InstalledProgram.Find("amtool"),
            "check-config",
            folder.PathOf("etc/alertmanager/alertmanager.yml")
        );

        // The Gateway's job, which is a comment, is checked as well.
        folder.Write("etc/prometheus/openclaw-gateway.token", "secret");
        folder.Write(
            "etc/prometheus/prometheus.yml",
            CommentedJob().Replace(System.IO.File.ReadAllText(prometheus), "  $1")
        );
        var text = System.IO.File.ReadAllText(prometheus);
        Assert.Contains(
            "\n  - job_name: openclaw-gateway\n    metrics_path: /api/diagnostics/prometheus\n",
            text,
            StringComparison.Ordinal
        );
        await RunProgram.OutputAsync(InstalledProgram.Find("promtool"), "check", "config", prometheus);
    }

    [Fact]
    public void Grafana_finds_its_datasource_and_dashboards_where_they_are_mounted()
    {
        var targets = Mounts().Select(static mount => mount.Target).ToHashSet();
        var provider = Parse<Dictionary<string, object>>(
            $"{Folder}/grafana/dashboards/openclaw.yml",
            NullNamingConvention.Instance
        );
        var options =
            (Dictionary<object, object>)
                ((Dictionary<object, object>)((List<object>)provider["providers"])[0])["options"];
        Assert.Contains((string)options["path"], targets);
        Assert.Contains("/etc/grafana/provisioning/datasources", targets);
        Assert.Contains("/etc/grafana/provisioning/dashboards", targets);

        var sources = Parse<Dictionary<string, object>>(
            $"{Folder}/grafana/datasources/prometheus.yml",
            NullNamingConvention.Instance
        );
        var source = (Dictionary<object, object>)((List<object>)sources["datasources"])[0];
        Assert.Equal("$PROMETHEUS_URL", source["url"]);
    }

    /// <summary>The sidecar sees the Gateway's network and processes as its user, and needs no capability.</summary>
    [Fact]
    public void The_Gateway_has_the_exporter_as_its_sidecar()
    {
        const string gateway = "openclaw-gateway";
        var services = Parse<Compose>($"{Folder}/gateway.yml", UnderscoredNamingConvention.Instance).Services;
        var exporter = services["exporter"];

        Assert.Matches(@"^ghcr\.io/openclaw/openclaw:\d{4}\.\d+\.\d+$", services[gateway].Image);
        Assert.Equal($"service:{gateway}", exporter.NetworkMode);
        Assert.Equal($"service:{gateway}", exporter.Pid);
        Assert.Equal("1000:1000", exporter.User);
        Assert.Equal(["ALL"], exporter.CapDrop);
        Assert.Empty(exporter.CapAdd);
        Assert.EndsWith(":" + ProductVersion.Value, exporter.Image, StringComparison.Ordinal);
        Assert.Equal(2, services[gateway].Ports.Count);
        Assert.All(services[gateway].Ports, static port =>
            Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal)
        );
    }

    static IEnumerable<(string Source, string Target, string Mode)> Mounts() =>
        from service in File.Services.Values
        from text in service.Volumes.OfType<string>()
        let parts = text.Split(':')
        where parts[0].StartsWith('.')
        select (
            Path.GetFullPath(Repository.PathOf($"{Folder}/{parts[0]}")),
            parts[1],
            parts.ElementAtOrDefault(2) ?? ""
        );

    /// <summary>Parses strictly: a property that the type lacks is an error.</summary>
    static T Parse<T>(string file, INamingConvention names) =>
        new DeserializerBuilder()
            .WithNamingConvention(names)
            .Build()
            .Deserialize<T>(
                // The tag of Compose that drops the value of the file before.
                System.IO.File.ReadAllText(Repository.PathOf(file)).Replace("!reset ", "", StringComparison.Ordinal)
            );

    [GeneratedRegex(@"^[a-z/-]+:v?\d+\.\d+\.\d+$")]
    private static partial Regex PinnedImage();

    [GeneratedRegex("^  # ((?:- job_name: openclaw-gateway|  ).*)$", RegexOptions.Multiline)]
    private static partial Regex CommentedJob();

    /// <summary>The parts of the Compose specification that the file uses.</summary>
    sealed class Compose
    {
        public string Name { get; set; } = "";

        public Dictionary<string, ComposeService> Services { get; set; } = [];

        public Dictionary<string, object?> Volumes { get; set; } = [];
    }

    sealed class ComposeService
    {
        public string Image { get; set; } = "";

        public string? Build { get; set; }

        public List<string> Profiles { get; set; } = [];

        public List<string> ExtraHosts { get; set; } = [];

        public string? NetworkMode { get; set; }

        public string? Pid { get; set; }

        public string? Cgroup { get; set; }

        public string? User { get; set; }

        public List<string> Command { get; set; } = [];

        public bool ReadOnly { get; set; }

        public List<string> CapDrop { get; set; } = [];

        public List<string> CapAdd { get; set; } = [];

        public List<string> SecurityOpt { get; set; } = [];

        public string? MemLimit { get; set; }

        public Dictionary<string, string> Environment { get; set; } = [];

        public List<object> Volumes { get; set; } = [];

        public List<string> Ports { get; set; } = [];

        public Dictionary<string, object> Ulimits { get; set; } = [];

        public string? Restart { get; set; }
    }
}
