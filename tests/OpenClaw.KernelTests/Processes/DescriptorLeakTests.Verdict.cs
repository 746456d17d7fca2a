using System.Globalization;
using System.Net;
using System.Text.Json;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;

namespace OpenClaw.KernelTests;

/// <summary>The verdict says in one sentence what leaks.</summary>
public partial class DescriptorLeakTests
{
    /// <summary>The bystander holds as many descriptors of every kind, without a limit that they reach.</summary>
    [Theory]
    [InlineData("watched files", "280 of its {all} descriptors are files below {folder}/ (*.md)")]
    [InlineData("one file", "281 of its {all} descriptors are the file {folder}/one")]
    [InlineData("deleted logs", "280 of its {all} descriptors are deleted files below {folder}/ (*.log)")]
    [InlineData("pipes", "{pipes} of its {all} descriptors are pipes")]
    [InlineData("eventfd", "280 of its {all} descriptors are eventfd descriptors")]
    [InlineData("epoll", "280 of its {all} descriptors are epoll descriptors")]
    [InlineData("udp", "280 of its {all} descriptors are UDP sockets")]
    [InlineData("unix", "280 of its {all} descriptors are UNIX sockets")]
    [InlineData(
        "closed by the server",
        "280 of its {all} descriptors are sockets in CLOSE_WAIT to 127.0.0.1:7443: the peer has closed, this program "
            + "has not"
    )]
    [InlineData(
        "closed by clients",
        "280 of its {all} descriptors are sockets in CLOSE_WAIT from 127.0.0.1 to its port 7444: the peer has closed, "
            + "this program has not"
    )]
    public void The_verdict_names_the_leak_in_one_sentence(string pattern, string sentence)
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        using var others = new TemporaryFolder();
        var bystander = Start(
            netns,
            Program(pattern == "pipes" ? "watched files" : "pipes"),
            "bystander",
            others.PathOf("")
        );
        var process = Start(netns, Program(pattern), pattern, folder.PathOf(""));
        Limit(netns, bystander, 1000);
        Limit(netns, process, 300);

        var diagnosis = Diagnosis.Judge(SnapshotOf(netns));

        var problem = Assert.Single(diagnosis.Problems, problem => problem.Worst?.Level.Pid == process.Id);
        var open = problem.Worst!.Level.Used.ToString("N0", CultureInfo.InvariantCulture);
        var expected = sentence
            .Replace("{folder}", folder.PathOf(""), StringComparison.Ordinal)
            .Replace("{pipes}", $"{DescriptorsOf(process, "pipe:")}", StringComparison.Ordinal)
            .Replace("{all}", open, StringComparison.Ordinal);
        Assert.EndsWith($" {expected}.", Verdicts.Headline(problem), StringComparison.Ordinal);
        var clause = expected.Replace($"of its {open} descriptors are", "of them", StringComparison.Ordinal);
        Assert.EndsWith($"file descriptors, {clause}", problem.Headline, StringComparison.Ordinal);
        Assert.Contains(WebUtility.HtmlEncode(clause), new StatusPage(diagnosis).Render(), StringComparison.Ordinal);
        var json = JsonSerializer.SerializeToElement(
            DiagnosisDocument.From(diagnosis),
            DiagnosisJson.Default.DiagnosisDocument
        );
        Assert.Contains(json.GetProperty("problems").EnumerateArray(), one =>
            one.GetProperty("headline").GetString()!.EndsWith(clause, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(diagnosis.Problems, other => other.Worst?.Level.Pid == bystander.Id);
    }
}
