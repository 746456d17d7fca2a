using System.Diagnostics;
using System.Text.RegularExpressions;
using CsCheck;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>An hour of snapshots of a machine whose files and dumps fail at random.</summary>
public class MachineFuzzTests(ITestOutputHelper output)
{
    /// <summary>A snapshot for each quarter of a minute.</summary>
    const int Snapshots = 240;

    const int FaultsAtMost = 4;

    [Fact]
    public async Task Every_snapshot_ends_with_values_or_reasons()
    {
        using var machine = new FixtureProc();
        var files = Directory
            .EnumerateFiles(machine.Root, "*", SearchOption.AllDirectories)
            .Where(static file => new FileInfo(file).LinkTarget is null)
            .Order(StringComparer.Ordinal)
            .Select(static file => (Path: file, Content: File.ReadAllBytes(file)))
            .ToArray();
        var (failed, slowest, timeline) = (0, TimeSpan.Zero, (History.Timeline?)null);
        for (var seed = 1; seed <= FuzzRun.Iterations(Snapshots); seed++)
        {
            var random = new Random(seed);
            var broken = Enumerable
                .Range(0, random.Next(FaultsAtMost + 1))
                .Select(_ => files[random.Next(files.Length)])
                .Distinct()
                .ToArray();
            foreach (var (path, content) in broken)
                Break(path, content, random);

            var start = Stopwatch.GetTimestamp();
            using var sampler = new Sampler(Readers(machine, random), TimeProvider.System);
            var snapshot = await sampler.SampleAsync(TimeSpan.FromSeconds(10));
            var diagnosis = Diagnosis.Judge(snapshot, earlier: timeline);
            var exposition = Exposition.Publish(diagnosis);
            timeline = diagnosis.Timeline;
            var took = Stopwatch.GetElapsedTime(start);
            slowest = took > slowest ? took : slowest;

            foreach (var run in snapshot.Runs)
            {
                Assert.True(run.Mistake is null, $"seed {seed}: {run.Reader.Name}: {run.Mistake}");
                Assert.True(run.Failure is null or { Detail.Length: > 0 }, $"seed {seed}: {run.Reader.Name}");
                failed += run.Failure is null ? 0 : 1;
            }

            Assert.True(exposition.Bugs.IsEmpty, $"seed {seed}: {string.Join('\n', exposition.Bugs)}");
            Assert.All(
                exposition.Families.SelectMany(static family =>
                    family.Samples.Select(sample => (family.Family.Name, sample.Value))
                ),
                sample => Assert.True(sample.Value >= 0 && double.IsFinite(sample.Value), $"seed {seed}: {sample}")
            );
            Restore(files);
        }

        output.WriteLine($"{failed} failures of readers; the slowest snapshot took {slowest.TotalMilliseconds:F0} ms");
        Assert.InRange(failed, 1, int.MaxValue);
        Assert.InRange(slowest, TimeSpan.Zero, TimeSpan.FromSeconds(12));
    }

    static System.Collections.Immutable.ImmutableArray<Reader> Readers(FixtureProc machine, Random random) =>
        KernelReaders
            .All(
                new ProcMount(machine.Root),
                new Regex("openclaw"),
                10,
                machine.Root,
                _ => FaultyKernel.Open(new(random.Next())),
                sysfs: machine.Root + "/sysfs",
                openRoute: _ => FaultyKernel.Open(new(random.Next())),
                openNetfilter: _ => FaultyKernel.Open(new(random.Next()))
            )
            .RemoveAll(static reader => reader.Name == "kernel_log");

    static void Break(string path, byte[] content, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                File.Delete(path);
                break;
            case 1:
                File.WriteAllBytes(path, []);
                break;
            case 2:
                // Reading a directory fails with EISDIR.
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
            default:
                var changed = Mutation.Text([content]).Generate(new PCG(1, (ulong)random.NextInt64()), null, out _);
                File.WriteAllBytes(path, changed);
                break;
        }
    }

    static void Restore((string Path, byte[] Content)[] files)
    {
        foreach (var (path, content) in files)
        {
            if (Directory.Exists(path))
                Directory.Delete(path);
            File.WriteAllBytes(path, content);
        }
    }
}
