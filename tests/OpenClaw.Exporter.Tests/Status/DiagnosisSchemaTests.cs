using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Probe;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>Validates the JSON of a diagnosis against its published schema with a third-party validator.</summary>
public class DiagnosisSchemaTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.85)]
    [InlineData(1)]
    public async Task Documents_are_what_the_schema_says(double ratio)
    {
        using var machine = new FilledMachine();
        foreach (var pool in FilledMachine.Pools)
            machine.Fill(pool, ratio);
        var refused = new AllocationProbe([new(ProbeOperation.Socket, 24, TimeSpan.Zero)], []);
        var forbidden = new Missing(Absence.NotPermitted, "/dev/kmsg: Operation not permitted");
        var diagnosis = await machine.DiagnoseAsync(
            null,
            new FunctionReader<AllocationProbe>("allocation_probe", "", _ => refused),
            new FunctionReader<Kernel.KernelLog.KernelLogEvents>("kernel_log", "", _ => forbidden)
        );

        Assert.Empty((await SchemaAsync()).Validate(Json(diagnosis)));
    }

    [Fact]
    public async Task The_schema_accepts_a_diagnosis_without_readings()
    {
        var diagnosis = Diagnosis.Judge(new Snapshot(DateTimeOffset.UtcNow, []));

        Assert.Empty((await SchemaAsync()).Validate(Json(diagnosis)));
    }

    /// <summary>A schema that accepts every document would prove nothing.</summary>
    [Theory]
    [InlineData("/verdict")]
    [InlineData("/problems/0/remedy/advice")]
    [InlineData("/problems/0/phase")]
    [InlineData("/pools/0/forecast/growth")]
    [InlineData("/missing/0/reason")]
    public async Task The_schema_refuses_missing_and_unknown_fields(string path)
    {
        using var machine = new FilledMachine();
        machine.Fill(PoolCatalogue.OrphanSockets.Name, 1);
        var diagnosis = await machine.DiagnoseAsync(
            null,
            new FunctionReader<AllocationProbe>("allocation_probe", "", _ => new Missing(Absence.Failed, ""))
        );
        var (removed, added) = (JsonNode.Parse(Json(diagnosis))!, JsonNode.Parse(Json(diagnosis))!);
        Parent(removed, path, out var name).Remove(name);
        Parent(added, path, out _).Add("surprise", 1);
        var schema = await SchemaAsync();

        Assert.NotEmpty(schema.Validate(removed.ToJsonString()));
        Assert.NotEmpty(schema.Validate(added.ToJsonString()));
    }

    static JsonObject Parent(JsonNode root, string path, out string name)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        name = parts[^1];
        return parts[..^1]
            .Aggregate(root, static (node, part) => int.TryParse(part, out var index) ? node[index]! : node[part]!)
            .AsObject();
    }

    static Task<JsonSchema> SchemaAsync() =>
        JsonSchema.FromJsonAsync(
            File.ReadAllText(Repository.PathOf("src/OpenClaw.Exporter/Status/diagnosis.schema.json")),
            TestContext.Current.CancellationToken
        );

    static string Json(Diagnosis diagnosis) =>
        JsonSerializer.Serialize(DiagnosisDocument.From(diagnosis), DiagnosisJson.Default.DiagnosisDocument);
}
