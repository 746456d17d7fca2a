using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Timeline;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using BindingFlags = System.Reflection.BindingFlags;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// The steps from readers to texts: sampling, diagnosis, memory, and each way to show them. Everything of the product's
/// interface that the recorded machines and the tests of missing readings depend on is in this file, so that a change
/// of it is followed here only.
/// </summary>
sealed class RecordedSampling(RecordedClock clock)
{
    readonly UtilizationHistory _utilization = new();
    SymptomHistory _symptoms = SymptomHistory.Empty;
    Diagnosis? _diagnosis;

    /// <summary>The last diagnosis.</summary>
    public Diagnosis Diagnosis => _diagnosis ?? throw new InvalidOperationException("nothing was sampled");

    /// <summary>Samples once and remembers it, as the server does for each snapshot.</summary>
    /// <param name="readers">What is read.</param>
    /// <param name="namespacesShown">How many further network namespaces are shown one by one.</param>
    public async Task SampleAsync(ImmutableArray<Reader> readers, int namespacesShown = Diagnosis.NamespacesShown)
    {
        _diagnosis = Diagnosis.Judge(await SnapshotAsync(readers), namespacesShown, _symptoms);
        _symptoms = _symptoms.With(_diagnosis.SymptomLevels);
        _utilization.Add(_diagnosis.Snapshot.Time, _diagnosis.Levels);
    }

    /// <summary>The last diagnosis in every form in which it leaves the process, by the form's name.</summary>
    public async Task<IReadOnlyList<(string Form, string Text)>> RenderAsync() =>
        [
            ("metrics", await MetricsAsync()),
            ("html", new StatusPage(Diagnosis, _utilization).Render()),
            ("json", Json(DiagnosisDocument.From(Diagnosis, _utilization)) + "\n"),
            ("diagnose", Printed(static (printer, diagnosis) => printer.PrintDiagnosis(diagnosis))),
            ("status", Printed(static (printer, diagnosis) => printer.PrintStatus(diagnosis))),
        ];

    /// <summary>
    /// Each series of a further snapshot, by the name of its family and the values of its labels. Nothing of it is
    /// remembered.
    /// </summary>
    public async Task<Dictionary<string, double>> SeriesAsync(ImmutableArray<Reader> readers) =>
        SeriesOf(Diagnosis.Judge(await SnapshotAsync(readers), history: _symptoms));

    /// <summary>Each series of the last snapshot as a scrape sees it that asks for some readers only.</summary>
    public Dictionary<string, double> SeriesOf(Func<string, bool> readers) =>
        SeriesOf(Diagnosis.JudgePart(Diagnosis.Snapshot.Only(reader => readers(reader.Name))));

    /// <summary>A reader that has this value.</summary>
    public static Reader Given<T>(string name, T value) => new FunctionReader<T>(name, "scripted", _ => value);

    /// <summary>A reader that has nothing, in place of another one.</summary>
    public static Reader Unread(Reader reader, Absence reason, string detail)
    {
        var make = typeof(RecordedSampling).GetMethod(nameof(UnreadOf), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (Reader)
            make.MakeGenericMethod(reader.ValueType).Invoke(null, [reader.Name, new Missing(reason, detail)])!;
    }

    /// <summary>The reader of other network namespaces.</summary>
    /// <param name="unused">How many are not looked into.</param>
    /// <param name="namespaces">Each with what is read in it, and why it was not entered; null when it was.</param>
    public async Task<Reader> NamespacesAsync(
        int unused,
        params IEnumerable<(NetworkNamespace Netns, ImmutableArray<Reader> Readers, Missing? NotEntered)> namespaces
    )
    {
        var snapshots = ImmutableArray.CreateBuilder<NamespaceSnapshot>();
        foreach (var (netns, readers, notEntered) in namespaces)
            snapshots.Add(new(netns, new((await SnapshotAsync(readers)).Runs), notEntered));
        var value = new NamespaceSnapshots(snapshots.ToImmutable(), unused, IncludesOwn: true);
        return new FunctionReader<NamespaceSnapshots>(
            "namespace_snapshots",
            "scripted",
            _ => value,
            static value =>
                value.Used.Select(static seen => seen.Failure).FirstOrDefault(static failure => failure is not null)
        );
    }

    /// <summary>The exporter's own network namespace.</summary>
    public static NetworkNamespace Own(string name) =>
        new()
        {
            Name = name,
            IsOwn = true,
            Identity = new FileIdentity(4, 4026531840),
            Processes = 100,
            Pids = [1],
        };

    /// <summary>Another network namespace.</summary>
    public static NetworkNamespace Other(string name, ulong inode) =>
        new()
        {
            Name = name,
            Identity = new FileIdentity(4, inode),
            Processes = 1,
            Pids = [7],
        };

    static Dictionary<string, double> SeriesOf(Diagnosis diagnosis) =>
        Exposition
            .Publish(diagnosis)
            .Families.SelectMany(
                static family => family.Samples,
                static (family, sample) =>
                    KeyValuePair.Create($"{family.Family.Name}{{{string.Join(',', sample.Labels)}}}", sample.Value)
            )
            .ToDictionary();

    static string Json(DiagnosisDocument document) =>
        JsonSerializer.Serialize(document, DiagnosisJson.Default.DiagnosisDocument);

    static FunctionReader<T> UnreadOf<T>(string name, Missing missing) => new(name, "scripted", _ => missing);

    Task<Snapshot> SnapshotAsync(ImmutableArray<Reader> readers) =>
        new Sampler(readers, clock).SampleAsync(TimeSpan.FromSeconds(60));

    async Task<string> MetricsAsync()
    {
        using var buffer = new MemoryStream();
        await Exposition.Publish(Diagnosis).Registry.CollectAndExportAsTextAsync(buffer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    string Printed(Action<DiagnosisPrinter, Diagnosis> print)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        print(new DiagnosisPrinter(writer, inColour: false), Diagnosis);
        return writer.ToString();
    }
}
