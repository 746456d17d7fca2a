using System.Text;
using System.Text.Json;
using OpenClaw.Exporter.Cli.Top;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Containers;
using OpenClaw.Kernel.Sysctls;

namespace OpenClaw.Exporter.Tests;

/// <summary>Changed text by people and other programs is read or refused with a reason, in time.</summary>
public class TextFuzzTests
{
    const int Iterations = 300;

    const string Yaml =
        "name: daemon\nnetwork: { max_connections: 1000 }\nmax-open-files: \"4096\"\nlist:\n  - &a one\n  - *a\n"
        + "text: |\n  two\n  lines\n";

    static readonly Dictionary<string, (string Sample, Action<byte[]> Parse)> Parsers = new()
    {
        ["settings"] = (Yaml, static bytes => Refusable(() => Settings.Parse("a.yml", Text(bytes)))),
        ["service file"] = (Yaml, static bytes => ServiceFile.Parse("/etc/a.yml", Text(bytes))),
        ["sysctl line"] = ("-net.ipv4.conf.eth0/1.forwarding = 1", static bytes => SysctlLine.Parse(Text(bytes))),
        ["status"] = (
            "Runtime: running\nVersion: 2026.2.1\n{\"gateway\":{\"port\":1,\"version\":\"1\"},\"service\":{}}",
            static bytes => RuntimeStatus.Parse(Text(bytes))
        ),
        ["log name"] = (
            "web-1_shop_web-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.log",
            static bytes => EngineFiles.ParseLog(Text(bytes))
        ),
        ["pod folder"] = ("shop_web-1_01234567-89ab-cdef", static bytes => EngineFiles.ParsePodFolder(Text(bytes))),
        ["data root"] = ("dockerd\0--data-root\0/srv\0-g=/x\0", static bytes => EngineFiles.ParseDataRoot(Text(bytes))),
        ["duration"] = ("1m30s", static bytes => Duration.Parse(Text(bytes))),
        ["keys"] = ("\e[A\e[1;5Bq/a\r\e", static bytes => Key.Parse(bytes).Count()),
        ["log"] = (
            "[OpenClaw Error]\nError Code: clw-network-exhausted\nContext: { code: 'EADDRNOTAVAIL' }\n"
                + "2026-01-01T00:00:00Z connect EADDRNOTAVAIL 10.0.0.1:443 {\"errno\": -99, \"time\": 1}\n",
            static bytes => ReadLog(bytes)
        ),
        ["btf"] = ("", static bytes => Btf.Find(new MemoryStream(bytes), ["sock.a"], "int")),
        ["fix record"] = ("{\"changes\":[],\"at\":\"2026-01-01T00:00:00Z\"}", static bytes => FixOf(bytes)),
    };

    public static TheoryData<string> Names => [.. Parsers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Changed_text_does_no_harm(string name)
    {
        var (sample, parse) = Parsers[name];

        FuzzRun.Run(name, Mutation.Text([Encoding.UTF8.GetBytes(sample)]), FuzzRun.Iterations(Iterations), parse);
    }

    static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>Settings have one exception for every fault.</summary>
    static void Refusable(Action parse)
    {
        try
        {
            parse();
        }
        catch (SettingException)
        {
            // Refused with a reason.
        }
    }

    static void FixOf(byte[] bytes)
    {
        try
        {
            _ = FixJson.Parse(bytes);
        }
        catch (JsonException)
        {
            // Its caller keeps a file that it cannot read.
        }
    }

    static void ReadLog(byte[] bytes)
    {
        var log = new ClwLog(TimeProvider.System);
        log.Append(bytes);
        log.EndFile();
        Assert.All(log.Errors.Recent, static seen => Assert.True(VisibleText.IsPlain(seen.Context)));
    }
}
