using System.Text.RegularExpressions;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// Compares all output of machines with scripted input, byte for byte, with committed files. With RECORD=1 in the
/// environment it writes the files instead.
/// </summary>
public partial class RecordedMachineTests
{
    const string Folder = "tests/OpenClaw.Exporter.Tests/Recorded/golden";

    /// <summary>The folder for output that differs.</summary>
    const string Differing = "artifacts/recorded";

    /// <summary>The machine with the texts of metrics in its recording.</summary>
    const string Described = "all-pools-full";

    public static TheoryData<string> Machines => [.. RecordedMachines.All.Keys];

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task Output_is_as_recorded(string name)
    {
        using var machine = new RecordedMachine();
        await RecordedMachines.All[name](machine);
        await machine.SampleAsync();
        var texts = (await machine.Sampling.RenderAsync())
            .Select(text => (Path: $"{name}.{text.Form}.txt", Text: Normalised(text.Form, text.Text, machine, name)))
            .ToList();

        if (Environment.GetEnvironmentVariable("RECORD") == "1")
        {
            foreach (var (path, text) in texts)
                Write(Folder, path, text);
            return;
        }

        var differences = texts.Select(static text => Difference(text.Path, text.Text)).OfType<string>().ToList();
        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
    }

    [Fact]
    public void No_file_is_left_over() =>
        Assert.Equal(
            RecordedMachines.All.Keys.Order(StringComparer.Ordinal),
            Directory
                .EnumerateFiles(Repository.PathOf(Folder))
                .Select(static file => Path.GetFileName(file).Split('.')[0])
                .Distinct()
                .Order(StringComparer.Ordinal)
        );

    /// <summary>
    /// Compares a text with its recording. Null when they are equal; otherwise the first line that differs, and the
    /// path of the text.
    /// </summary>
    static string? Difference(string path, string text)
    {
        var recorded = Repository.PathOf($"{Folder}/{path}");
        var expected = File.Exists(recorded) ? File.ReadAllText(recorded) : "";
        if (expected == text)
            return null;
        Write(Differing, path, text);
        var (old, now) = (expected.Split('\n'), text.Split('\n'));
        var line = old.Zip(now).TakeWhile(static pair => pair.First == pair.Second).Count();
        return $"{Folder}/{path}, line {line + 1}, is now {Differing}/{path}\n"
            + $"- {old.ElementAtOrDefault(line)}\n+ {now.ElementAtOrDefault(line)}";
    }

    static void Write(string folder, string path, string text)
    {
        Directory.CreateDirectory(Repository.PathOf(folder));
        File.WriteAllText(Repository.PathOf($"{folder}/{path}"), text);
    }

    /// <summary>
    /// Removes the name of the folder, the build, and the meaningless order of families and
    /// series.
    /// </summary>
    static string Normalised(string form, string text, RecordedMachine machine, string name)
    {
        text = text.Replace(machine.Fixture.Root, "/proc", StringComparison.Ordinal);
        return form switch
        {
            "metrics" => Sorted(Build().Replace(text, "$1{} 1"), isDescribed: name == Described),
            "json" => JsonVersion().Replace(text, "$1\"\""),
            "html" => PageVersion().Replace(text, "$1"),
            _ => text,
        };
    }

    /// <summary>Sorts families and their series by name.</summary>
    static string Sorted(string metrics, bool isDescribed)
    {
        var families = HelpLine()
            .Split(metrics)
            .Where(static family => family.Length > 0)
            .Select(static family => family.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return string.Concat(
            families
                .OrderBy(static family => family[0].Split(' ')[2], StringComparer.Ordinal)
                .SelectMany(family =>
                    family
                        .Where(static line => line[0] == '#')
                        .Where(_ => isDescribed)
                        .Concat(family.Where(static line => line[0] != '#').Order(StringComparer.Ordinal))
                )
                .Select(static line => line + "\n")
        );
    }

    [GeneratedRegex("^(?=# HELP )", RegexOptions.Multiline)]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^(openclaw_network_exporter_build_info)\{[^}]*\} 1$", RegexOptions.Multiline)]
    private static partial Regex Build();

    [GeneratedRegex("^(  \"version\": )\"[^\"]*\"", RegexOptions.Multiline)]
    private static partial Regex JsonVersion();

    [GeneratedRegex("^(<p>OpenClaw.Exporter )[^<]*", RegexOptions.Multiline)]
    private static partial Regex PageVersion();
}
