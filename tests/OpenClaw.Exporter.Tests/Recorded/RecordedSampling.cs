using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using BindingFlags = System.Reflection.BindingFlags;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// The steps from readers to text: sampling, diagnosis, timeline and each output. The recorded machines and the tests
/// of missing readings use the product only through this file, so a change of its interface stops here.
/// </summary>
sealed class RecordedSampling(RecordedClock clock)
{
    Diagnosis? _diagnosis;

    /// <summary>The last diagnosis.</summary>
    public Diagnosis Diagnosis => _diagnosis ?? throw new InvalidOperationException("nothing was sampled");

    /// <summary>Samples once and updates the timeline, as the server does for each snapshot.</summary>
    /// <param name="readers">The readers to run.</param>
    /// <param name="namespacesShown">The number of other network namespaces that are shown one by one.</param>
    public async Task SampleAsync(ImmutableArray<Reader> readers, int namespacesShown = Diagnosis.NamespacesShown)
    {
        _diagnosis = Diagnosis.Judge(await SnapshotAsync(readers), namespacesShown, _diagnosis?.Timeline);
    }

    /// <summary>The last diagnosis in every output form, by the form's name.</summary>
    public async Task<IReadOnlyList<(string Form, string Text)>> RenderAsync() =>
        [
            ("metrics", await MetricsAsync()),
            ("html", new StatusPage(Diagnosis).Render()),
            ("json", Json(DiagnosisDocument.From(Diagnosis)) + "\n"),
            ("diagnose", Printed(static (printer, diagnosis) => printer.PrintDiagnosis(diagnosis))),
            ("status", Printed(static (printer, diagnosis) => printer.PrintStatus(diagnosis))),
        ];

    /// <summary>
    /// The series of another snapshot, by the name of the family and the values of its labels. The timeline does
    /// not change.
    /// </summary>
    public async Task<Dictionary<string, double>> SeriesAsync(ImmutableArray<Reader> readers) =>
        SeriesOf(Diagnosis.Judge(await SnapshotAsync(readers), earlier: _diagnosis?.Timeline));

    /// <summary>The series of the last snapshot for a scrape that selects some readers.</summary>
    public Dictionary<string, double> SeriesOf(Func<string, bool> readers) =>
        SeriesOf(Diagnosis.JudgePart(Diagnosis.Snapshot.Only(reader => readers(reader.Name))));

    /// <summary>A reader that returns this value.</summary>
    public static Reader Given<T>(string name, T value) => new FunctionReader<T>(name, "scripted", _ => value);

    /// <summary>A reader that returns no value, in place of another.</summary>
    public static Reader Unread(Reader reader, Absence reason, string detail)
    {
        var make = typeof(RecordedSampling).GetMethod(nameof(UnreadOf), BindingFlags.NonPublic | BindingFlags.Static)!;
        return (Reader)
            make.MakeGenericMethod(reader.ValueType).Invoke(null, [reader.Name, new Missing(reason, detail)])!;
    }

    /// <summary>The reader of other network namespaces.</summary>
    /// <param name="unused">The number of namespaces that are only counted.</param>
    /// <param name="namespaces">
    /// The namespaces with their readers, and the reason why a namespace was not entered; null for entered ones.
    /// </param>
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

    /// <summary>Takes a snapshot without the durations of readers, which depend on the machine.</summary>
    async Task<Snapshot> SnapshotAsync(ImmutableArray<Reader> readers)
    {
        var snapshot = await new Sampler(readers, clock).SampleAsync(TimeSpan.FromSeconds(60));
        return new(snapshot.Time, [.. snapshot.Runs.Select(static run => run with { Duration = TimeSpan.Zero })]);
    }

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
