#include <cordon/cordon.hpp>

int main() {}
