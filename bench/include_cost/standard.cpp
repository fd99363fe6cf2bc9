#include <algorithm>
#include <string>
#include <variant>
#include <vector>

int main() {}
