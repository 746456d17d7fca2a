using OpenClaw.Kernel.Bpf;
using static OpenClaw.Kernel.Bpf.BpfRegister;
using static OpenClaw.Kernel.Bpf.BpfWidth;

namespace OpenClaw.Exporter.Tests;

/// <summary>Instructions have the bytes that the instruction set (RFC 9669) gives them.</summary>
public class BpfAssemblerTests
{
    [Fact]
    public void Each_operation_has_its_own_bytes()
    {
        var code = new BpfAssembler();
        code.Load(U64, R2, R1, 8);
        code.Load(U32, R1, R7, 16);
        code.Load(U16, R1, R7, 0x7fff);
        code.Load(U8, R9, R10, -1);
        code.Store(U64, R10, -80, R6);
        code.Store(U32, R10, -72, R0);
        code.Store(U16, R10, -2, R3);
        code.Store(U8, R10, -1, R3);
        code.Store(U64, R10, -8, 1);
        code.Store(U32, R10, -8, -65536);
        code.AddAtomically(R0, 8, R1);
        code.Move(R6, R1);
        code.Move(R1, 16);
        code.Add(R2, -80);
        code.ShiftRight(R0, 32);
        code.Call(137);
        code.Return(0);

        Assert.Equal(
            """
            79 12 08 00 00 00 00 00
            61 71 10 00 00 00 00 00
            69 71 FF 7F 00 00 00 00
            71 A9 FF FF 00 00 00 00
            7B 6A B0 FF 00 00 00 00
            63 0A B8 FF 00 00 00 00
            6B 3A FE FF 00 00 00 00
            73 3A FF FF 00 00 00 00
            7A 0A F8 FF 01 00 00 00
            62 0A F8 FF 00 00 FF FF
            DB 10 08 00 00 00 00 00
            BF 16 00 00 00 00 00 00
            B7 01 00 00 10 00 00 00
            07 02 00 00 B0 FF FF FF
            77 00 00 00 20 00 00 00
            85 00 00 00 89 00 00 00
            B7 00 00 00 00 00 00 00
            95 00 00 00 00 00 00 00
            """,
            Bytes(code)
        );
    }

    [Fact]
    public void Arithmetic_has_its_own_bytes()
    {
        var code = new BpfAssembler();
        code.Add(R1, R8);
        code.Divide(R0, 1_000_000);
        code.Or(R3, R2);
        code.And(R3, R2);
        code.And(R2, 0x80);
        code.ShiftLeft(R1, 3);
        code.ShiftLeft(R2, R0);
        code.ShiftRight(R2, R4);
        code.JumpIf(R0, BpfCompare.SignedGreater, 0, "end");
        code.Label("end");
        code.Return(1);

        Assert.Equal(
            """
            0F 81 00 00 00 00 00 00
            37 00 00 00 40 42 0F 00
            4F 23 00 00 00 00 00 00
            5F 23 00 00 00 00 00 00
            57 02 00 00 80 00 00 00
            67 01 00 00 03 00 00 00
            6F 02 00 00 00 00 00 00
            7F 42 00 00 00 00 00 00
            65 00 00 00 00 00 00 00
            B7 00 00 00 01 00 00 00
            95 00 00 00 00 00 00 00
            """,
            Bytes(code)
        );
    }

    [Fact]
    public void Jumps_count_the_instructions_to_their_label()
    {
        var code = new BpfAssembler();
        code.JumpIf(R2, BpfCompare.NotEqual, 2, "out");
        code.JumpIf(R0, BpfCompare.Equal, 0, "out");
        code.JumpIf(R0, BpfCompare.Greater, 5, "out");
        code.JumpIf(R0, BpfCompare.GreaterOrEqual, -5, "next");
        code.Jump("out");
        code.Label("next");
        code.Move(R1, 1);
        code.Label("out");
        code.Return(0);

        Assert.StartsWith(
            """
            55 02 05 00 02 00 00 00
            15 00 04 00 00 00 00 00
            25 00 03 00 05 00 00 00
            35 00 01 00 FB FF FF FF
            05 00 01 00 00 00 00 00
            B7 01 00 00 01 00 00 00
            """,
            Bytes(code),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_loop_jumps_back_and_calls_functions_of_the_kernel()
    {
        var code = new BpfAssembler();
        code.Label("next");
        code.CallKernel(0x1234);
        code.JumpIf(R1, BpfCompare.Greater, R2, "end");
        code.JumpIf(R3, BpfCompare.NotEqual, R6, "next");
        code.Label("end");
        code.Return(R9);

        Assert.Equal(
            """
            85 20 00 00 34 12 00 00
            2D 21 01 00 00 00 00 00
            5D 63 FD FF 00 00 00 00
            BF 90 00 00 00 00 00 00
            95 00 00 00 00 00 00 00
            """,
            Bytes(code)
        );
    }

    [Fact]
    public void A_label_that_is_missing_is_a_bug_in_the_listing()
    {
        var missing = new BpfAssembler();
        missing.Jump("nowhere");

        Assert.Contains(
            "nowhere",
            Assert.Throws<InvalidOperationException>(() => missing.ToInstructions()).Message,
            StringComparison.Ordinal
        );
    }

    static string Bytes(BpfAssembler code) =>
        string.Join(
            '\n',
            code.ToInstructions()
                .Select(static instruction =>
                    BitConverter.ToString(BitConverter.GetBytes(instruction)).Replace('-', ' ')
                )
        );
}
