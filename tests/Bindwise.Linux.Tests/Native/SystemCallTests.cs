using System.Reflection;
using System.Runtime.InteropServices;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Tests.Native;

public sealed class SystemCallTests
{
    [Theory]
    [InlineData(Architecture.X64)]
    [InlineData(Architecture.Arm64)]
    public void Architectures_OfWhichTheNumbersAreKnown_AreSupported(Architecture architecture) => Assert.Null(SupportedArchitecture.WhyNot(architecture));

    [Theory]
    [InlineData(Architecture.X86, "on Linux, Bindwise works on x64 and arm64 only; this process is x86")]
    [InlineData(Architecture.Arm, "on Linux, Bindwise works on x64 and arm64 only; this process is arm")]
    [InlineData(Architecture.S390x, "on Linux, Bindwise works on x64 and arm64 only; this process is s390x")]
    [InlineData(Architecture.Ppc64le, "on Linux, Bindwise works on x64 and arm64 only; this process is ppc64le")]
    [InlineData(Architecture.RiscV64, "on Linux, Bindwise works on x64 and arm64 only; this process is riscv64")]
    [InlineData(Architecture.LoongArch64, "on Linux, Bindwise works on x64 and arm64 only; this process is loongarch64")]
    public void Architectures_OfOtherNumbers_AreRefusedInOneLine(Architecture architecture, string words) => Assert.Equal(words, SupportedArchitecture.WhyNot(architecture));

    /// <summary>While such a call runs no collection can: it may only be one that cannot wait for another process.</summary>
    [Fact]
    public void CallsThatTheRuntimeCannotStop_AreThoseOfTheProbeOnItsOwnSocket()
    {
        var calls = typeof(SystemCallNumber).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Where(method => method.IsDefined(typeof(SuppressGCTransitionAttribute), inherit: false))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
            .Order();
        Assert.Equal(["LibC.RawBind", "LibC.RawClose", "LibC.RawGetsockname", "LibC.RawSetsockopt"], calls);
    }
}
