#include "store/delivery_repository.h"

#include "store/consignment.h"

namespace posthouse::store {

std::vector<Delivered> DeliveryRepository::deliver(std::span<const Parcel> parcels, WhenBusy whenBusy) {
  return Consignment(parcels).send(transaction_, whenBusy == WhenBusy::wait);
}

std::vector<Delivered> DeliveryRepository::deliver(const Content& content, std::span<const Delivery> deliveries,
                                                   WhenBusy whenBusy) {
  std::vector<Parcel> parcels;
  parcels.reserve(deliveries.size());
  for (const Delivery& delivery : deliveries) parcels.push_back({&content, &delivery});
  return deliver(parcels, whenBusy);
}

void DeliveryRepository::renewQueueKeys(std::span<const Parcel> parcels) {
  std::vector<AccountId> accounts;
  std::vector<std::string> keys;
  std::vector<db::Octets> octets;
  for (const Parcel& parcel : parcels) {
    accounts.push_back(parcel.delivery->account);
    keys.push_back(storedQueueKey(parcel));
  }
  for (const std::string& key : keys) octets.push_back({key});
  transaction_.exec("SELECT posthouse.renew_delivery_keys($1, $2)", accounts, octets);
}

std::vector<std::size_t> DeliveryRepository::deleteRetryKeys(std::span<const DeliveryKey> keys) {
  std::vector<AccountId> accounts;
  std::vector<db::Octets> octets;
  for (const DeliveryKey& key : keys) {
    accounts.push_back(key.account);
    octets.push_back({key.key});
  }
  std::vector<std::size_t> missing;
  for (const auto& row : transaction_.exec("SELECT missing FROM posthouse.delete_retry_keys($1, $2)", accounts, octets))
    missing.push_back(static_cast<std::size_t>(row.get<std::int32_t>(0)) - 1);
  return missing;
}

}  // namespace posthouse::store
