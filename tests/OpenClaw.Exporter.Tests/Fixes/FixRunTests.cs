using System.Diagnostics;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Kernel.Writes;
using static OpenClaw.Exporter.Tests.FixedMachine;

namespace OpenClaw.Exporter.Tests;

/// <summary>Fixes on a machine of files, with every system call failing once.</summary>
public sealed class FixRunTests(ITestOutputHelper output) : IDisposable
{
    readonly Process _process = ChildProcess.Start(new("sleep", ["600"]));

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    [Fact]
    public void A_fix_changes_all_and_its_undo_restores_every_byte()
    {
        using var machine = new FixedMachine(_process);

        var applied = machine.Apply(new());

        Assert.Null(applied.Failure);
        Assert.Equal("32768 60999", machine.Read("proc/sys/net/ipv4/ip_local_port_range")[..11]);
        Assert.Equal(
            $"# by hand\nvm.swappiness = 1\n# {Reserved} was 1111,2222\n{Reserved} = 8080,9090\n\n# end\n"
                + $"# {PortRange} was 40000 40039\n{PortRange} = 32768 60999\n",
            machine.Read("etc/sysctl.d/90-openclaw.conf")
        );
        Assert.EndsWith(
            "[Service]\n# LimitNOFILE was " + applied.Record!.Changes[2].Before + "\nLimitNOFILE=512\n",
            machine.Read("etc/systemd/system/gateway.service.d/90-openclaw.conf"),
            StringComparison.Ordinal
        );
        Assert.Equal("network:\n  max_connections: 20  # 10\n", machine.Read("etc/openclaw/gateway.yml"));
        Assert.StartsWith("OpenFileLimits { Soft = 512,", machine.State()["limits"], StringComparison.Ordinal);

        Assert.Empty(machine.Fixes(new()).UndoInterrupted());
        var undone = machine.Fixes(new()).Undo(null);
        Assert.Null(undone.Failure);
        Assert.Equal(machine.Before, machine.State());
        Assert.Empty(Directory.GetFiles(machine.Records));
        Assert.Equal("no fix to undo", machine.Fixes(new()).Undo(null).Failure!.Detail);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_stays_changed_where_any_call_fails(bool isTrial)
    {
        for (var at = 1; ; at++)
        {
            using var machine = new FixedMachine(_process);
            var calls = new FaultyWrites(at);

            var outcome = machine.Apply(calls, isTrial);

            if (calls.Failed is null)
            {
                Assert.Null(outcome.Failure);
                Assert.InRange(at, 30, 200);
                return;
            }

            output.WriteLine(calls.Failed);
            Assert.NotNull(outcome.Failure);
            Assert.Empty(outcome.Left);
            Assert.Equal(machine.Before, machine.State());
            Assert.True(!Directory.Exists(machine.Records) || Directory.GetFiles(machine.Records) is []);
        }
    }

    [Fact]
    public void A_process_that_ends_at_any_call_leaves_a_fix_that_is_undone()
    {
        for (var at = 1; ; at++)
        {
            using var machine = new FixedMachine(_process);
            var calls = new FaultyWrites(at, ends: true);
            try
            {
                Assert.Null(machine.Apply(calls).Failure);
                break;
            }
            catch (ProcessEndException)
            {
                output.WriteLine(calls.Failed!);
            }

            Assert.All(machine.UndoInterrupted(), static outcome => Assert.Null(outcome.Failure));
            if (machine.Fixes(new()).Undo(null).Failure is null)
            {
                // Only the last flush of the record comes after the fix is complete.
                Assert.EndsWith(FixRecords.FolderName, calls.Failed, StringComparison.Ordinal);
            }

            Assert.Equal(machine.Before, machine.State());
        }
    }

    [Fact]
    public void An_undo_that_fails_at_any_call_can_be_repeated()
    {
        for (var at = 1; ; at++)
        {
            using var machine = new FixedMachine(_process);
            Assert.Null(machine.Apply(new()).Failure);
            var calls = new FaultyWrites(at);

            var outcome = machine.Fixes(calls).Undo(1);

            Assert.Equal(calls.Failed is null, outcome.Failure is null);
            if (calls.Failed is null)
                return;
            _ = machine.Fixes(new()).Undo(1);
            Assert.Equal(machine.Before, machine.State());
        }
    }

    [Fact]
    public void A_trial_is_kept_with_its_files_or_stays_a_trial()
    {
        for (var at = 1; ; at++)
        {
            using var machine = new FixedMachine(_process);
            var record = machine.Fixes(new()).Apply(machine.Plan(), isTrial: true, isPermanent: true, out var trial);
            using var running = trial;
            Assert.Null(record.Failure);
            var calls = new FaultyWrites(at);
            var before = machine.State();
            Assert.Equal(machine.Before["etc/sysctl.d/90-openclaw.conf"], before["etc/sysctl.d/90-openclaw.conf"]);

            var outcome = machine.Fixes(calls).Keep(isPermanent: true);

            if (calls.Failed is null)
            {
                Assert.Null(outcome.Failure);
                Assert.Contains(PortRange, machine.Read("etc/sysctl.d/90-openclaw.conf"), StringComparison.Ordinal);
                Assert.False(machine.Fixes(new()).IsOnTrial(record.Record!));
                Assert.Null(machine.Fixes(new()).Undo(null).Failure);
                Assert.Equal(machine.Before, machine.State());
                return;
            }

            output.WriteLine(calls.Failed);
            Assert.NotNull(outcome.Failure);
            Assert.Empty(outcome.Left);
            Assert.Equal(before, machine.State());
            Assert.True(machine.Fixes(new()).IsOnTrial(record.Record!));
            Assert.Empty(machine.Fixes(new()).UndoInterrupted());
        }
    }

    [Fact]
    public void A_trial_whose_process_ended_is_undone()
    {
        using var machine = new FixedMachine(_process);
        Assert.Null(machine.Apply(new(), isTrial: true).Failure);

        Assert.Null(Assert.Single(machine.UndoInterrupted()).Failure);

        Assert.Equal(machine.Before, machine.State());
        Assert.Empty(Directory.GetFiles(machine.Records));
    }

    [Fact]
    public void A_value_that_changed_since_the_plan_stops_it()
    {
        using var machine = new FixedMachine(_process);
        var plan = machine.Plan();
        machine.Write("proc/sys/net/ipv4/ip_local_port_range", "1\t2\n");

        var outcome = machine.Fixes(new()).Apply(plan, isTrial: false, isPermanent: true, out _);

        Assert.Equal($"{PortRange}: no longer '40000 40039' as in the plan; make a new plan", outcome.Failure!.Detail);
        Assert.Empty(Directory.GetFiles(machine.Records));
        Assert.Equal("1111,2222\n", machine.Read("proc/sys/net/ipv4/ip_local_reserved_ports"));
    }

    [Fact]
    public void An_undo_leaves_values_by_others_alone()
    {
        using var machine = new FixedMachine(_process);
        Assert.Null(machine.Apply(new()).Failure);
        machine.Write("proc/sys/net/ipv4/ip_local_port_range", "1\t2\n");

        var outcome = machine.Fixes(new()).Undo(1);

        Assert.Equal($"{PortRange}: changed by others since; not '32768 60999' any more", Assert.Single(outcome.Left));
        Assert.Equal("1\t2\n", machine.Read("proc/sys/net/ipv4/ip_local_port_range"));
        Assert.Equal(machine.Before["etc/sysctl.d/90-openclaw.conf"], machine.State()["etc/sysctl.d/90-openclaw.conf"]);
    }

    /// <summary>A reboot gives a process id and the inode of a namespace to others.</summary>
    [Fact]
    public void After_a_reboot_only_files_are_restored()
    {
        using var machine = new FixedMachine(_process);
        Assert.Null(machine.Apply(new()).Failure);
        machine.Write("proc/sys/kernel/random/boot_id", "second\n");
        var limits = machine.State()["limits"];

        Assert.Null(machine.Fixes(new()).Undo(1).Failure);

        Assert.Equal(limits, machine.State()["limits"]);
        Assert.StartsWith("32768", machine.Read("proc/sys/net/ipv4/ip_local_port_range"), StringComparison.Ordinal);
        Assert.Equal(machine.Before["etc/sysctl.d/90-openclaw.conf"], machine.State()["etc/sysctl.d/90-openclaw.conf"]);
    }

    /// <summary>After a reboot, the limit of a process has nothing to undo, and the line of a file has.</summary>
    [Fact]
    public void Only_fixes_that_can_be_undone_are_kept_and_at_most_a_hundred()
    {
        using var machine = new FixedMachine(_process);
        var record = machine.Apply(new()).Record!;
        Assert.Null(machine.Fixes(new()).Undo(1).Failure);
        var records = new FixRecords(machine.Root, new());
        var ofProcess = record with { Id = 1, BootId = "earlier", Changes = [record.Changes[2]] };
        Assert.IsType<Remedies.ProcessLimitChange>(ofProcess.Changes[0]);
        Assert.Null(records.Save(ofProcess));
        Assert.Null(records.Save(ofProcess with { Id = 2, State = FixState.Trial }));
        for (var id = 3; id <= 130; id++)
            Assert.Null(records.Save(record with { Id = id, BootId = "earlier" }));

        Assert.Equal(131, machine.Apply(new()).Record!.Id);

        var left = records.Read().Value.Select(static one => one.Id);
        Assert.Equal([2, .. Enumerable.Range(32, FixRecords.AtMost)], left);
    }

    [Fact]
    public void One_fix_at_a_time_is_at_work()
    {
        using var machine = new FixedMachine(_process);
        var records = new FixRecords(machine.Root, new());
        Assert.Null(records.Lock(out var held));
        using (held)
        {
            Assert.EndsWith("another fix is at work; try again", machine.Apply(new()).Failure!.Detail);
            Assert.Empty(machine.Fixes(new()).UndoInterrupted());
        }

        Assert.Null(machine.Apply(new()).Failure);
    }

    [Fact]
    public void A_second_fix_of_the_same_key_replaces_its_line()
    {
        const string before = "# net.core.somaxconn was 128\nnet.core.somaxconn = 4096\n";

        Assert.Equal(
            "# net.core.somaxconn was 128\nnet.core.somaxconn = 8192\n",
            PermanentLines.WithSysctl(before, new("net.core.somaxconn", "8192") { Old = "4096" })
        );
    }

    [Fact]
    public void Records_that_another_user_can_write_are_refused()
    {
        using var machine = new FixedMachine(_process);
        Assert.Null(machine.Apply(new()).Failure);
        File.SetUnixFileMode(machine.Records, File.GetUnixFileMode(machine.Records) | UnixFileMode.GroupWrite);

        Assert.Contains("expected a folder that only its owner", machine.Fixes(new()).Undo(1).Failure!.Detail);
        Assert.Contains("expected a folder that only its owner", machine.Fixes(new()).Keep(true).Failure!.Detail);
        Assert.NotEqual(machine.Before, machine.State());
    }

    [Fact]
    public void A_damaged_record_is_named()
    {
        using var machine = new FixedMachine(_process);
        Assert.Null(machine.Apply(new()).Failure);
        File.WriteAllText(Path.Join(machine.Records, "1.json"), "{");

        Assert.Contains("1.json: expected the record of a fix", machine.Fixes(new()).Undo(1).Failure!.Detail);
    }

    [Fact]
    public void A_forbidden_write_is_told_from_others()
    {
        var failure = new SystemWrites().WriteValue("/proc/sys/kernel/ostype", "x");

        Assert.True(failure!.IsForbidden, failure.Detail);
    }
}
