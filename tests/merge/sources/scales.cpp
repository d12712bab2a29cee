// Turns weights from one scale into another.
#include <map>
#include <stdexcept>
#include <string>

namespace scales {

/// Grams in one unit of each scale.
static const std::map<std::string, double> kGrams = {
    {"g", 1.0},
    {"kg", 1000.0},
    {"lb", 453.59237},
};

class Scale {
 public:
  explicit Scale(const std::string &unit) : unit_(unit) {
    auto found = kGrams.find(unit);
    if (found == kGrams.end()) {
      throw std::invalid_argument("no such unit: " + unit);
    }
    grams_ = found->second;
  }

  // What the scale shows for a weight in grams.
  double show(double grams) const {
    return grams / grams_;
  }

  double weigh(double shown) const {
    return shown * grams_;
  }

  const std::string &unit() const { return unit_; }

 private:
  std::string unit_;
  double grams_;
};

double convert(double amount, const std::string &from, const std::string &to) {
  Scale source(from);
  Scale target(to);
  double grams = source.weigh(amount);
  return target.show(grams);
}

int rounded(double amount, int steps) {
  int whole = static_cast<int>(amount * steps);
  if (amount * steps - whole >= 0.5) {
    whole += 1;
  }
  return whole;
}

}  // namespace scales
