using System.Text;
using Bindwise.Linux.Accounts;

namespace Bindwise.Linux.Tests.Accounts;

public sealed class UserMapTests
{
    [Theory]
    [InlineData("         0          0 4294967295\n", "65534\n", 65534u, false)]
    [InlineData("         0      65534          1\n", "65534\n", 65534u, true)]
    [InlineData("         0      65534          1\n", "65534\n", 0u, false)]
    [InlineData("0 1000 1\n1 100000 65536\n", "65534\n", 65534u, false)]
    [InlineData("0 1000 1\n", "99\n", 99u, true)]
    [InlineData("0 1000 1\n", "99\n", 65534u, false)]
    [InlineData("0 1000 1\n", "", 65534u, true)]
    [InlineData("", "65534\n", 65534u, false)]
    public void OverflowId_MappedToNobody_IsOfAUserOutside(string map, string overflow, uint user, bool isOutside) =>
        Assert.Equal(isOutside, new UserMap(Encoding.ASCII.GetBytes(map), Encoding.ASCII.GetBytes(overflow)).IsOutside(user));
}
